#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes the seed corpora of client_photo_fuzz and client_identity_json_fuzz. Same output every time; run from the
root of the tree. The build does not run this: the files are checked in."""
import pathlib
import struct
import zlib

CORPUS = pathlib.Path("tests/fuzz/corpus")


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
TABLES = segment(0xDB, bytes(65)) + segment(0xC4, bytes(20))
FRAME = segment(0xC0, bytes(15))
SCAN = segment(0xDA, bytes(10)) + b"pixels\xff\0more\xff\xd0rest"
write("client_photo_fuzz", "jpeg_plain", SOI + JFIF + TABLES + FRAME + SCAN + EOI)
write("client_photo_fuzz", "jpeg_exif", SOI + segment(0xE1, b"Exif\0\0GPS") + segment(0xFE, b"comment") + JFIF + TABLES
      + FRAME + SCAN + segment(0xED, b"IPTC") + SCAN + EOI + b"trailing")
write("client_photo_fuzz", "jpeg_progressive", SOI + TABLES + segment(0xC2, bytes(15)) + segment(0xDD, b"\0\x04") + SCAN
      + b"\xff\xff" + SCAN + SCAN + EOI)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
DATA = chunk(b"IDAT", zlib.compress(b"\0" + bytes(6) + b"\0" + bytes(6)))
END = chunk(b"IEND", b"")
write("client_photo_fuzz", "png_plain", SIGNATURE + HEADER + DATA + END)
write("client_photo_fuzz", "png_text", SIGNATURE + HEADER + chunk(b"gAMA", bytes(4)) + chunk(b"tEXt", b"Author\0x")
      + chunk(b"eXIf", b"MM") + chunk(b"PLTE", bytes(6)) + chunk(b"tRNS", bytes(2)) + DATA + chunk(b"tIME", bytes(7))
      + END + b"trailing")
write("client_photo_fuzz", "gif", b"GIF89a")

FULL = ('{"first":["Noor","Jean-Luc"],"last":["van der Velde"],"nick":["NN"],"birth_date":"2010-02-28",'
        '"numbers":["123.456.782"],"address":"Lindelaan 7","handles":["@noor.v"]}').encode()
write("client_identity_json_fuzz", "full", FULL + b"\0Noor (28-02-2010), bsn 123 456 782, van der Velde's tas")
write("client_identity_json_fuzz", "nulls", b'{"first":["Anne-Marie"],"birth_date":null,"address":null}\0anne marie')
write("client_identity_json_fuzz", "diacritics", '{"first":["Zoë Çelik"]}\0ZOE CELIK \ufb01 \u212b'.encode())
write("client_identity_json_fuzz", "twice", b'{"first":["A"],"first":["B"]}')
write("client_identity_json_fuzz", "deep", b'{"first":' + b"[" * 200 + b"]" * 200 + b"}")
write("client_identity_json_fuzz", "not_utf8", b'{"first":["\xff\xfe\xfd"]}\0\xff\xfe')
