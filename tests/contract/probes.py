"""The probes of all domains: importing this module fills `PROBES` and `NODES_MADE` from every `strangers_….py` here."""

from importlib import import_module
from pathlib import Path

for found in sorted(Path(__file__).parent.glob("strangers_*.py")):
    import_module(f"tests.contract.{found.stem}")
