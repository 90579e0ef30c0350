"""What devices are called for people."""

import pytest

from domain.devices import device

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140 Mobile Safari/604", "Chrome on iPhone"),
        (
            f"{MOZILLA} (Linux; Android 15) AppleWebKit/537 SamsungBrowser/28 Chrome/130 Mobile Safari/537",
            "Samsung Internet on Android",
        ),
        ("python-httpx/0.28", "Python"),
        ("Something else (Linux)", "Linux"),
        ("Etwas", None),
        ("", None),
        (None, None),
    ],
)
def test_device(user_agent: str | None, name: str | None) -> None:
    assert device(user_agent) == name
