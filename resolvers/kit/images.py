"""Pictures people send: decoded within bounds, cut to size and written anew, so that nothing else of them stays."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from domain.errors import ErrorCode, Refusal
from resolvers.kit.commands import Command
from resolvers.kit.uploads import Upload
from storage.files import FileStore, content_type_of

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000  # looked at before anything is decoded
SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")


async def picture(file: Upload, *path: str, square: bool) -> BytesIO:
    """A picture of at most 512 by 512 points as WebP, cropped to a square or as a whole."""
    if file.size > MOST_BYTES:
        raise Refusal.of(ErrorCode.FILE_TOO_LARGE, *path, maxBytes=MOST_BYTES)

    def made(source: BinaryIO) -> BytesIO | None:
        try:
            with Image.open(source, formats=FORMATS) as found:
                if found.width * found.height > MOST_PIXELS:
                    return None
                upright = ImageOps.exif_transpose(found).convert("RGBA" if found.has_transparency_data else "RGB")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None  # the decoders say in many ways that it is none of theirs
        cut = ImageOps.fit(upright, (SIDE, SIDE)) if square else upright
        cut.thumbnail((SIDE, SIDE))
        written = BytesIO()
        cut.save(written, "WEBP", quality=85)
        return written

    found = await file.read(made)
    if found is None:
        raise Refusal.of(ErrorCode.UNSUPPORTED_FILE_TYPE, *path, rule="picture")
    return found


@dataclass(frozen=True)
class Removed:
    """A picture to be removed."""

    key: str


async def remove_later(command: Command, key: str | None) -> None:
    """Have a picture removed from the store once it is committed that nothing shows it any more."""
    if key is not None:
        await command.enqueue("pictures.remove", Removed(key))


def picture_url(key: str | None, *, files: FileStore) -> Any:
    """A link to a picture, which soon ends."""
    return None if key is None else files.url(key, name="picture.webp", content_type=content_type_of(key))
