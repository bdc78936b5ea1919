#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Computes the worked examples of docs/formats/audit_log.md and checkpoint.md by other means than the C++ code, prints
them, and writes the seed corpora of the audit_* fuzz targets. Same output every time; run from the root of the tree.

Needs libsodium's shared library, for Ed25519. The build does not run this: the files are checked in.
"""
import base64
import ctypes
import hashlib
import hmac
import pathlib
import struct

SODIUM = ctypes.CDLL("libsodium.so.23")
SODIUM.sodium_init()
CORPUS = pathlib.Path("tests/fuzz/corpus")
ORIGIN = b"seinpost.example/plaats"
TIME = 1795000000


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def show(name, value):
    print(f"{name} = {value.hex() if isinstance(value, bytes) else value}")


def lp(value):
    return struct.pack(">I", len(value)) + value


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\0" + data)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


class Key:
    def __init__(self, fill):
        self.public = ctypes.create_string_buffer(32)
        self.secret = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(self.public, self.secret, fill * 32)
        self.public = self.public.raw

    def sign(self, message):
        out = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_detached(out, None, message, ctypes.c_ulonglong(len(message)), self.secret)
        return out.raw

    def sign_labelled(self, label, message):
        return self.sign(label + b"\0" + lp(message))


def opening_of(fields):
    """fields: (tag, salt, value). Returns macs, the opening's bytes, the commitment of three fields."""
    macs = [hmac.new(salt, struct.pack(">H", tag) + value, hashlib.sha256).digest() for tag, salt, value in fields]
    encoded = b"\1" + struct.pack(">H", len(fields))
    encoded += b"".join(struct.pack(">H", tag) + salt + lp(value) for tag, salt, value in fields)
    hashes = [leaf_hash(struct.pack(">H", tag) + mac) for (tag, _, _), mac in zip(fields, macs)]
    return macs, hashes, encoded, node_hash(node_hash(hashes[0], hashes[1]), hashes[2])


def audit_log():
    fields = [
        (1, b"\x01" * 32, struct.pack(">Q", TIME)),
        (2, b"\x02" * 32, struct.pack(">Q", 1)),
        (41, b"\x03" * 32, b"prevention"),
    ]
    macs, hashes, opening, commitment = opening_of(fields)
    leaf = b"seinpost-audit/1\x02" + commitment
    for i, mac in enumerate(macs):
        show(f"mac_{i}", mac)
    show("opening", opening)
    show("commitment", commitment)
    show("leaf", leaf)
    show("leaf_hash", leaf_hash(leaf))
    redacted = b"\2" + struct.pack(">H", 3)
    redacted += struct.pack(">H", 1) + b"\0" + fields[0][1] + lp(fields[0][2])
    redacted += struct.pack(">H", 2) + b"\0" + fields[1][1] + lp(fields[1][2])
    redacted += struct.pack(">H", 41) + b"\1" + macs[2]
    show("redacted_opening", redacted)
    proof = b"\3\2" + struct.pack(">HHH", 41, 2, 3) + fields[2][1] + lp(fields[2][2])
    proof += b"\1" + node_hash(hashes[0], hashes[1])
    show("field_proof", proof)
    first = b"\3\2" + struct.pack(">HHH", 1, 0, 3) + fields[0][1] + lp(fields[0][2]) + b"\2" + hashes[1] + hashes[2]
    write("audit_opening_fuzz", "shown", opening)
    write("audit_opening_fuzz", "redacted", redacted)
    recipients = struct.pack(">H", 2) + lp(b"m" * 16) + b"\0\1" + lp(b"") + lp(b"n" * 16) + b"\0\0" + lp(b"R4")
    write("audit_opening_fuzz", "lists", opening_of([
        (40, b"\x04" * 32, recipients), (42, b"\x05" * 32, struct.pack(">H", 1) + lp(b"R4")), (900, b"\x06" * 32, b""),
    ])[2])
    write("audit_field_proof_fuzz", "last_of_three", proof)
    write("audit_field_proof_fuzz", "first_of_three", first)
    write("audit_field_proof_fuzz", "leaf", leaf)

    log = Key(b"k")
    show("log_public_key", log.public)
    body = lp(ORIGIN) + struct.pack(">Q", 41) + leaf_hash(leaf) + sha256(b"request") + struct.pack(">Q", TIME)
    show("receipt_body", body)
    show("receipt_signature", log.sign_labelled(b"seinpost/v1/receipt", body))
    write("audit_receipt_fuzz", "receipt", body)


def key_id(name, kind, public):
    return sha256(name + b"\n" + kind + public)[:4]


def checkpoint():
    log, witness = Key(b"k"), Key(b"w")
    text = ORIGIN + b"\n1000\n" + base64.b64encode(sha256(b"root")) + b"\n"
    text += b"dir 12 " + base64.b64encode(sha256(b"directory")) + b"\ntime %d\n" % TIME
    log_id = key_id(ORIGIN, b"\1", log.public)
    name = b"witness.example/w1"
    witness_id = key_id(name, b"\4", witness.public)
    dash = "\u2014".encode()
    note = text + b"\n" + dash + b" " + ORIGIN + b" " + base64.b64encode(log_id + log.sign(text)) + b"\n"
    seconds = TIME + 60
    cosignature = struct.pack(">Q", seconds) + witness.sign(b"cosignature/v1\ntime %d\n" % seconds + text)
    cosigned = note + dash + b" " + name + b" " + base64.b64encode(witness_id + cosignature) + b"\n"
    show("log_vkey", f"{ORIGIN.decode()}+{log_id.hex()}+{base64.b64encode(bytes([1]) + log.public).decode()}")
    show("witness_vkey", f"{name.decode()}+{witness_id.hex()}+{base64.b64encode(bytes([4]) + witness.public).decode()}")
    print(cosigned.decode())
    write("audit_checkpoint_fuzz", "signed", note)
    write("audit_checkpoint_fuzz", "cosigned", cosigned)
    write("audit_checkpoint_fuzz", "text", text)
    write("audit_checkpoint_fuzz", "vkey", f"{ORIGIN.decode()}+{log_id.hex()}+"
          f"{base64.b64encode(bytes([1]) + log.public).decode()}".encode())


audit_log()
checkpoint()
