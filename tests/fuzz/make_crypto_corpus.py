#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes the seed corpora of the crypto_* fuzz targets. Same output every time; run from the root of the tree.

Needs libsodium's shared library. The build does not run this: the files are checked in.
"""
import ctypes
import json
import pathlib

SODIUM = ctypes.CDLL("libsodium.so.23")
SODIUM.sodium_init()
LONG = ctypes.c_ulonglong
CORPUS = pathlib.Path("tests/fuzz/corpus")
VECTORS = pathlib.Path("tests/vectors")


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def load(name):
    return json.loads((VECTORS / name).read_text())


def seal(function, key, nonce, aad, plaintext):
    out = ctypes.create_string_buffer(len(plaintext) + 16)
    function(out, None, plaintext, LONG(len(plaintext)), aad, LONG(len(aad)), None, nonce, key)
    return out.raw


def hpke():
    vector = load("hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json")[0]
    enc = bytes.fromhex(vector["enc"])
    write("crypto_hpke_open_fuzz", "rfc9180", enc + bytes.fromhex(vector["encryptions"][0]["ct"]))
    write("crypto_hpke_open_fuzz", "wrong_aad", enc + bytes.fromhex(vector["encryptions"][1]["ct"]))
    write("crypto_hpke_open_fuzz", "low_order", bytes(48))
    write("crypto_hpke_open_fuzz", "no_ciphertext", enc)


def voprf():
    group = load("oprf_rfc9497_ristretto255_sha512.json")[1]
    for number, vector in enumerate(group["vectors"]):
        content = bytes.fromhex(group["pkSm"]) + bytes.fromhex(vector["Proof"]["proof"])
        for blinded, evaluated in zip(vector["BlindedElement"].split(","), vector["EvaluationElement"].split(",")):
            content += bytes.fromhex(blinded) + bytes.fromhex(evaluated)
        write("crypto_voprf_fuzz", f"rfc9497_{number}", content)
    bad = load("ristretto255_bad_encodings.json")["bad_encodings"]
    write("crypto_voprf_fuzz", "bad_encodings", b"".join(bytes.fromhex(b["encoding"]) for b in bad[:11]))


def password_file():
    for name, memory_kib, passes, content in (("small", 8, 1, b"content"), ("empty", 16, 2, b"")):
        salt, nonce = bytes(range(16)), bytes(range(24))
        header = b"seinpost-sealed/1\n" + memory_kib.to_bytes(4, "big") + passes.to_bytes(4, "big") + salt + nonce
        key = ctypes.create_string_buffer(32)
        SODIUM.crypto_pwhash_argon2id(
            key, LONG(32), b"passphrase", LONG(10), salt, LONG(passes), ctypes.c_size_t(memory_kib * 1024), 2)
        function = SODIUM.crypto_aead_xchacha20poly1305_ietf_encrypt
        write("crypto_password_file_fuzz", name, header + seal(function, key.raw, nonce, header, content))
    write("crypto_password_file_fuzz", "hostile", b"seinpost-sealed/1\n" + b"\xff" * 64)


def stream():
    function = SODIUM.crypto_aead_chacha20poly1305_ietf_encrypt
    tail = b"\0\0\0\0\1"
    for name, content in (("short", b"a short stream"), ("empty", b"")):
        sealed = seal(function, b"\5" * 32, tail + bytes(7), b"prefix" + tail, content)
        write("crypto_stream_fuzz", name, b"\0" + sealed)
    write("crypto_stream_fuzz", "unchanged", b"\1" + bytes(8))
    write("crypto_stream_fuzz", "changes", b"\1" + b"\0\0\0\1" + b"\1\0\x10\x80" + b"\2\0\x20\xff")


def text():
    write("crypto_text_encoding_fuzz", "hex", b"00ffA0a1")
    write("crypto_text_encoding_fuzz", "base64", b"aGVsbG8gd29ybGQ=")
    vector = load("hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json")[1]
    fields = ("mode", "skRm", "pkRm", "info", "enc", "psk", "psk_id")
    case = {"expect": "open", "kem": 32, "kdf": 1, "aead": 3, **{f: vector[f] for f in fields}}
    case["messages"] = [{"seq": 0, **vector["encryptions"][0]}]
    write("crypto_text_encoding_fuzz", "hpke_case", json.dumps({"cases": [case]}).encode())
    group = load("oprf_rfc9497_ristretto255_sha512.json")[1]
    vector = group["vectors"][0]
    case = {"expect": "valid", "skS": group["skSm"], "pkS": group["pkSm"], "batch": 1, "input": [vector["Input"]],
            "blind": [vector["Blind"]], "blinded_element": [vector["BlindedElement"]],
            "evaluated_element": [vector["EvaluationElement"]], "output": [vector["Output"]],
            "proof": vector["Proof"]["proof"], "proof_random_scalar": vector["Proof"]["r"]}
    write("crypto_text_encoding_fuzz", "voprf_case", json.dumps({"cases": [case]}).encode())
    write("crypto_text_encoding_fuzz", "inclusion", json.dumps(load("merkle_rfc6962_inclusion.json")[4:6]).encode())


for make in (hpke, voprf, password_file, stream, text):
    make()
