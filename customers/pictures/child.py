"""What the child process does: run by path, it imports nothing of ours.

It reads a picture on its standard input and writes one line of JSON and a JPEG to its standard output, and after it a
small one where its first argument says how long the longer side of that may be.
"""

import io
import json
import resource
import sys

import pillow_heif
from PIL import Image, ImageOps

CPU_SECONDS = 8
LONGEST_SIDE = 3000  # enough to read the small print of a card
# Addresses, which bound the memory in use (measured: 256 MB at most; HEIC's threads reserve 100 MB without using it).
MEMORY = {"JPEG": 264 * 1024 * 1024, "PNG": 264 * 1024 * 1024, "HEIC": 350 * 1024 * 1024}
# A decoded pixel takes four bytes and once more while it is made smaller. A JPEG is scaled while it is decoded, unless
# it is progressive: then all of its coefficients are held.
MOST_PIXELS = 25_000_000
MOST_PIXELS_WITH_ALPHA = 16_000_000
MOST_PIXELS_SCALED = 110_000_000
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}


class Refused(Exception):
    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


def kind_of(content):
    """Which of the three kinds the first bytes say, or ``None``."""
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if content[4:8] == b"ftyp" and bytes(content[8:12]) in HEIC_BRANDS:
        return "HEIC"
    return None


def limit(kind):
    """Memory, time and files, as far as the system knows such limits."""
    limits = [
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    if sys.platform == "linux":  # macOS reserves more addresses than that for itself
        limits.append((resource.RLIMIT_AS, MEMORY[kind]))
    for what, most in limits:
        resource.setrlimit(what, (most, most))


def check_pixels(picture, kind):
    """Before anything is decoded: 20 kB of PNG can hold 169 million pixels."""
    pixels, most = picture.width * picture.height, MOST_PIXELS
    if kind == "JPEG" and not picture.info.get("progressive"):
        most = MOST_PIXELS_SCALED
    elif picture.mode in ("RGBA", "LA", "PA"):
        most = MOST_PIXELS_WITH_ALPHA
    if not pixels:
        raise Refused("BROKEN")
    if pixels > most:
        raise Refused("PIXELS", limit=most // 1_000_000, actual=-(-pixels // 1_000_000))


def opened(content, kind):
    """The picture with nothing decoded yet, of the kind that its first bytes promised."""
    Image.MAX_IMAGE_PIXELS = None  # ours comes first, and knows the kind
    if kind == "HEIC":
        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = False
        pillow_heif.options.AUX_IMAGES = False
        pillow_heif.options.DEPTH_IMAGES = False
        pillow_heif.register_heif_opener()
        picture = Image.open(io.BytesIO(content), formats=["HEIF"])
    else:
        picture = Image.open(io.BytesIO(content), formats=[kind])
    check_pixels(picture, kind)
    if kind == "PNG" and getattr(picture, "is_animated", False):
        raise Refused("TYPE")
    if kind == "JPEG" and max(picture.size) > LONGEST_SIDE:
        scale = LONGEST_SIDE / max(picture.size)
        picture.draft(None, (int(picture.width * scale), int(picture.height * scale)))
    return picture


def drawn(picture):
    """The pixels alone on a new white canvas, upright, at most ``LONGEST_SIDE`` long."""
    turned = picture.getexif().get(0x0112, 1)
    picture.load()
    if max(picture.size) > LONGEST_SIDE:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX, reducing_gap=None)
    if turned != 1:
        picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    canvas = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        canvas.paste(picture, mask=picture.getchannel("A"))
    else:
        canvas.paste(picture.convert("RGB"))
    return canvas


def as_jpeg(canvas):
    result = io.BytesIO()
    canvas.save(result, "JPEG", quality=88)
    return result.getvalue()


def reencode(content, kind, small=0):
    try:
        canvas = drawn(opened(content, kind))
        width, height, picture, little = canvas.width, canvas.height, as_jpeg(canvas), b""
        if small:
            canvas.thumbnail((small, small))
            little = as_jpeg(canvas)
    except Refused:
        raise
    except Exception as error:  # whatever a decoder may raise at hostile bytes
        raise Refused("BROKEN") from error
    return {"width": width, "height": height, "small": len(little)}, picture + little


def main():
    content = sys.stdin.buffer.read()
    kind = kind_of(content)
    try:
        if kind is None:
            raise Refused("TYPE")
        limit(kind)
        said, picture = reencode(content, kind, *map(int, sys.argv[1:2]))
    except Refused as refused:
        said, picture = {"refused": refused.code, "facts": refused.facts}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
