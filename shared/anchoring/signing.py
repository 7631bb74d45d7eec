"""The signature of an anchor: made with the key of this home, checked against its fingerprint."""

import json
import os
import tempfile
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import ValidationError

from contracts.anchor import Anchor, SignedAnchor
from shared.journal import canonical

ALGORITHM = "ES256"
FOLDER = "anchors"
_PRIVATE = "anchor-key.json"
_PUBLIC = "key.json"


class UnreadableAnchor(Exception):
    """It is no anchor, or nobody knows whose key to believe."""


class ForgedAnchor(Exception):
    """Another key signed it, or it was changed after it was signed."""


def key_of(home: Path) -> ECKey:
    """Give the key that signs in this home; the first to ask makes it and publishes its half.

    Whoever else asks at the same moment is given the same one.
    """
    path = home / _PRIVATE
    if not path.exists():
        made = ECKey.generate_key("P-256", private=True)
        write_once(path, json.dumps(made.as_dict(private=True)).encode(), mode=0o600)
    key = ECKey.import_key(json.loads(path.read_bytes()))
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    write_once(folder / _PUBLIC, _public(key))
    return key


def published_fingerprint(home: Path) -> str:
    """Give the fingerprint of the key that this home has published.

    Raises:
        UnreadableAnchor: it has published none.
    """
    try:
        said = json.loads((home / FOLDER / _PUBLIC).read_bytes())
        return ECKey.import_key(said).thumbprint()
    except (OSError, ValueError, JoseError) as error:
        raise UnreadableAnchor(
            "此数据目录没有公钥，请用 --fingerprint 给出另外保存的指纹。"
        ) from error


def sign(anchor: Anchor, key: ECKey) -> bytes:
    """Give the document that is told and kept: the anchor, the public key, the signature."""
    header = {"alg": ALGORITHM, "kid": key.thumbprint()}
    whole = jws.serialize_compact(header, _said(anchor), key, algorithms=[ALGORITHM])
    signed = SignedAnchor(
        anchor=anchor, key=json.loads(_public(key)), signature=jws.detach_content(whole)
    )
    return signed.model_dump_json(indent=1).encode() + b"\n"


def read_anchor(document: bytes, fingerprint: str) -> Anchor:
    """Give the anchor of a document that the key with this fingerprint signed.

    Raises:
        UnreadableAnchor: the document is none.
        ForgedAnchor: another key signed it, or something was changed afterwards.
    """
    try:
        signed = SignedAnchor.model_validate_json(document)
        key = ECKey.import_key(signed.key)
        found = key.thumbprint()
    except (ValidationError, ValueError, JoseError) as error:
        raise UnreadableAnchor("不是存证文件，或文件残缺。") from error
    if found != fingerprint:
        raise ForgedAnchor(f"签名用的不是所信的公钥（应为 {fingerprint}，实为 {found}）。")
    try:
        jws.deserialize_compact(
            signed.signature, key, algorithms=[ALGORITHM], payload=_said(signed.anchor)
        )
    except (JoseError, ValueError) as error:
        raise ForgedAnchor("签名不符，文件被改过。") from error
    return signed.anchor


def write_once(path: Path, text: bytes, mode: int = 0o644) -> None:
    """Write a file whole unless there is one: what is there is never replaced."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        path.hardlink_to(name)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _said(anchor: Anchor) -> bytes:
    return canonical(anchor.model_dump(mode="json"))


def _public(key: ECKey) -> bytes:
    return json.dumps({**key.as_dict(private=False), "kid": key.thumbprint()}).encode() + b"\n"
