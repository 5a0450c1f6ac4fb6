"""U1's small basis: pictures from outside, good and hostile."""

import io
import os
import random
import struct
import subprocess
import sys
import time
import zlib

import pillow_heif
import pytest
from django.utils import translation
from PIL import Image, ImageDraw, PngImagePlugin

from customers import pictures
from customers.pictures import CHILD, PictureRefused, Refusal, reencode

MARK = b"PLANTED-7f3a9c"


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def photo(size=(120, 80), mode="RGB"):
    """Red on the left and blue on the right, so that it can be told which way is up."""
    picture = Image.new("RGB", size, "red")
    ImageDraw.Draw(picture).rectangle([size[0] // 2, 0, *size], fill="blue")
    return picture.convert(mode)


def heic(picture):
    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture).save(buffer)
    return buffer.getvalue()


def opened(picture):
    again = Image.open(io.BytesIO(picture.bytes))
    again.load()
    return again


def refusal(content, **options):
    with pytest.raises(PictureRefused) as error:
        reencode(content, **options)
    return error.value.code


GOOD = {
    "jpeg": encoded(photo(), "JPEG"),
    "jpeg, progressive": encoded(photo(), "JPEG", progressive=True),
    "jpeg, grey": encoded(photo(mode="L"), "JPEG"),
    "jpeg, CMYK": encoded(photo(mode="CMYK"), "JPEG"),
    "jpeg of several pictures": encoded(photo(), "MPO", save_all=True, append_images=[photo()]),
    "png": encoded(photo(), "PNG"),
    "png, transparent": encoded(photo(mode="RGBA"), "PNG"),
    "png, palette": encoded(photo(mode="P"), "PNG"),
    "png, palette with transparency": encoded(photo(mode="P"), "PNG", transparency=0),
    "png, two colours": encoded(photo(mode="1"), "PNG"),
    "png, grey with alpha": encoded(photo(mode="LA"), "PNG"),
    "png, 16 bits": encoded(Image.new("I;16", (120, 80), 40_000), "PNG"),
    "heic": heic(photo()),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_a_picture_comes_back_as_a_jpeg_of_its_size(content):
    picture = reencode(content)

    again = opened(picture)
    assert (again.format, again.mode, again.size) == ("JPEG", "RGB", (120, 80))
    assert (picture.width, picture.height, picture.media_type) == (120, 80, "image/jpeg")
    assert getattr(again, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "kind", ["jpeg", "jpeg, progressive", "jpeg, CMYK", "jpeg of several pictures", "png", "png, palette", "heic"]
)
def test_colours_stay_where_they_were(kind):
    again = opened(reencode(GOOD[kind]))

    red, _green, blue = again.getpixel((10, 40))
    assert red > 180 > 90 > blue
    red, _green, blue = again.getpixel((110, 40))
    assert blue > 180 > 90 > red


def test_sixteen_bits_of_grey_keep_their_grey():
    assert abs(opened(reencode(GOOD["png, 16 bits"])).getpixel((5, 5))[0] - 40_000 / 256) < 3


def test_what_is_transparent_becomes_white():
    content = encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")

    assert opened(reencode(content)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation

    again = opened(reencode(encoded(photo(), kind, exif=exif)))

    assert again.size == ((120, 80) if orientation < 5 else (80, 120))
    assert not again.getexif()


def test_a_large_photo_is_made_smaller():
    picture = reencode(encoded(photo((4032, 3024)), "JPEG"))

    assert (picture.width, picture.height) == (3000, 2250)


# Nothing planted is kept


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def planted():
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARK.decode())
    text.add_itxt("Author", MARK.decode(), zip=True)
    png, jpeg = GOOD["png"], GOOD["jpeg"]
    pixels = Image.frombytes("L", (len(MARK), 40), MARK * 40)
    return {
        "EXIF of a JPEG": encoded(photo(), "JPEG", exif=exif),
        "EXIF of a PNG": encoded(photo(), "PNG", exif=exif),
        "comment of a JPEG": encoded(photo(), "JPEG", comment=MARK),
        "text of a PNG": encoded(photo(), "PNG", pnginfo=text),
        "profile of a JPEG": encoded(photo(), "JPEG", icc_profile=MARK * 20),
        "profile of a PNG": encoded(photo(), "PNG", icc_profile=MARK * 20),
        "behind a JPEG": jpeg + MARK,
        "behind a PNG": png + MARK,
        "a page behind a JPEG": jpeg + b"<script>" + MARK + b"</script>",
        "an archive behind a PNG": png + b"PK\x03\x04" + MARK,
        "an unknown chunk": png[:33] + png_chunk(b"juNK", MARK) + png[33:],
        "an application segment": jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(MARK) + 2) + MARK + jpeg[2:],
        "XMP": encoded(photo(), "JPEG", xmp=b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"),
        "grey pixels": encoded(pixels, "PNG", compress_level=0),
        "a second picture": encoded(photo(), "MPO", save_all=True, append_images=[photo()]) + MARK,
        "behind a HEIC": GOOD["heic"] + MARK,
    }


@pytest.mark.parametrize("content", planted().values(), ids=planted())
def test_no_planted_byte_is_kept(content):
    try:
        kept = reencode(content).bytes
    except PictureRefused:
        return
    again = Image.open(io.BytesIO(kept))

    assert MARK not in kept
    assert not again.getexif()
    assert not set(again.info) & {"comment", "icc_profile", "xmp", "exif", "photoshop"}


# Refusals


def declared_png(width, height):
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    row = zlib.compress(bytes((width // 8 + 1) * height if width < 20_000 else 1), 9)
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", row) + png_chunk(b"IEND", b"")


def test_169_megapixels_in_twenty_kilobytes_are_refused_before_decoding():
    bomb = declared_png(13_000, 13_000)
    begun = time.monotonic()

    with translation.override("en"), pytest.raises(PictureRefused) as error:
        reencode(bomb)

    assert len(bomb) < 30_000
    assert error.value.code == Refusal.PIXELS
    assert "169" in str(error.value)
    assert time.monotonic() - begun < 3


def animated_png():
    return encoded(photo(), "PNG", save_all=True, append_images=[photo().rotate(180)])


REFUSED = {
    "nothing": (None, Refusal.NONE),
    "empty": (b"", Refusal.EMPTY),
    "one byte": (b"\xff", Refusal.TYPE),
    "text": ("これは写真ではありません".encode(), Refusal.TYPE),
    "gif": (encoded(photo(), "GIF"), Refusal.TYPE),
    "webp": (encoded(photo(), "WEBP"), Refusal.TYPE),
    "tiff": (encoded(photo(), "TIFF"), Refusal.TYPE),
    "bmp": (encoded(photo(), "BMP"), Refusal.TYPE),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', Refusal.TYPE),
    "pdf": (b"%PDF-1.7\n", Refusal.TYPE),
    "page": (b"<html><script>alert(1)</script></html>", Refusal.TYPE),
    "archive": (b"PK\x03\x04" + bytes(100), Refusal.TYPE),
    "program": (b"MZ" + bytes(100), Refusal.TYPE),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", Refusal.TYPE),
    "avif": (b"\0\0\0\x20ftypavif" + bytes(100), Refusal.TYPE),
    "film": (b"\0\0\0\x20ftypmp42" + bytes(100), Refusal.TYPE),
    "animated": (animated_png(), Refusal.TYPE),
    "jpeg by its first bytes only": (b"\xff\xd8\xff" + b"<script>" * 50, Refusal.BROKEN),
    "png by its first bytes only": (b"\x89PNG\r\n\x1a\n" + b"x" * 500, Refusal.BROKEN),
    "heic by its first bytes only": (b"\0\0\0\x20ftypheic" + bytes(500), Refusal.BROKEN),
    "half a jpeg": (encoded(photo((800, 600)), "JPEG")[:3_000], Refusal.BROKEN),
    "half a png": (encoded(Image.effect_noise((300, 300), 80), "PNG")[:20_000], Refusal.BROKEN),
    "half a heic": (GOOD["heic"][: len(GOOD["heic"]) // 2], Refusal.BROKEN),
    "png of no width": (declared_png(0, 10), Refusal.BROKEN),
    "png of a wide declaration": (declared_png(2**31 - 1, 1), Refusal.PIXELS),
    "png of a huge declaration": (declared_png(2**31 - 1, 2**31 - 1), Refusal.PIXELS),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused_with_its_reason(content, code):
    assert refusal(content) == code


def test_a_large_file_is_told_its_limit_and_its_size():
    with translation.override("ja"), pytest.raises(PictureRefused) as error:
        reencode(b"\xff\xd8\xff" + os.urandom(11 * 1024 * 1024))

    assert error.value.code == Refusal.SIZE
    assert "10.0" in str(error.value)
    assert "11.0" in str(error.value)


@pytest.mark.parametrize("code", Refusal)
def test_each_refusal_is_said_in_japanese_and_english(code):
    with translation.override("ja"):
        japanese = str(Refusal(code).label)
    with translation.override("en"):
        english = str(Refusal(code).label)

    assert japanese != english
    assert english.isascii()


def test_a_decoder_that_hangs_is_ended(monkeypatch, tmp_path):
    sleeper = tmp_path / "child.py"
    sleeper.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pictures, "CHILD", sleeper)
    monkeypatch.setattr(pictures, "SECONDS", 0.5)

    assert refusal(GOOD["jpeg"]) == Refusal.BROKEN


@pytest.mark.parametrize("fate", ["import os; os.abort()", "raise MemoryError", "print()", "print('no json')"])
def test_a_decoder_that_dies_is_a_refusal(fate, monkeypatch, tmp_path):
    dying = tmp_path / "child.py"
    dying.write_text(fate)
    monkeypatch.setattr(pictures, "CHILD", dying)

    assert refusal(GOOD["jpeg"]) == Refusal.BROKEN


PROBE = """
import runpy, sys
sys.argv = [{child!r}]
runpy.run_path({child!r}, run_name="__main__")
[most] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(most, file=sys.stderr)
"""

HEAVY = {
    "48 megapixels of a telephone": lambda: encoded(Image.effect_noise((8064, 6048), 60).convert("RGB"), "JPEG"),
    "24 megapixels of PNG": lambda: encoded(Image.new("RGB", (5_700, 4_300), "red"), "PNG"),
    "16 megapixels with alpha": lambda: encoded(Image.new("RGBA", (4_900, 3_200), "red"), "PNG"),
    "12 megapixels of HEIC": lambda: heic(Image.new("RGB", (4032, 3024), "red")),
    "two colours of 25 megapixels": lambda: declared_png(5_000, 5_000),
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory a process took")
@pytest.mark.parametrize("make", HEAVY.values(), ids=HEAVY)
def test_the_child_keeps_to_its_memory(make):
    probe = [sys.executable, "-I", "-c", PROBE.format(child=str(CHILD))]

    done = subprocess.run(probe, input=make(), capture_output=True, check=True, env={})

    assert b'"width"' in done.stdout.partition(b"\n")[0]
    assert int(done.stderr) // 1024 <= 256


def test_hostile_files_give_a_picture_or_a_reason():
    """Each is a good picture with bytes turned, cut out, doubled or put in."""
    shuffled = random.Random(1)
    outcomes = set()
    for _file in range(24):
        content = bytearray(shuffled.choice(list(GOOD.values())))
        for _wound in range(shuffled.randrange(1, 8)):
            at = shuffled.randrange(len(content))
            match shuffled.randrange(4):
                case 0:
                    content[at] ^= 1 << shuffled.randrange(8)
                case 1:
                    del content[at : at + shuffled.randrange(1, 40)]
                case 2:
                    content[at:at] = content[at : at + 40]
                case 3:
                    content[at:at] = MARK
        begun = time.monotonic()
        try:
            picture = reencode(bytes(content))
        except PictureRefused as refused:
            outcomes.add(refused.code)
        else:
            outcomes.add("picture")
            assert MARK not in picture.bytes
            assert opened(picture).format == "JPEG"
        assert time.monotonic() - begun < pictures.SECONDS

    assert len(outcomes) > 1
