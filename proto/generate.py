"""Generate the Python of the contracts, beside them: `python -m proto.generate`.

`*_pb2.py` and their stubs for every `.proto`, and `*_pb2_grpc.py` for those with a service. With
`--release`, write down in `released.txtpb` what is released from now on: no later version may take
it away.
"""

import sys
import sysconfig
import tempfile
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
RELEASED = ROOT / "proto" / "released.txtpb"
# The wheels bring Google's common types (google/type/money.proto) and the well-known ones.
INCLUDES = [
    str(ROOT),
    sysconfig.get_paths()["purelib"],
    str(Path(protoc.__file__).parent / "_proto"),
]
PLUGINS = ("mypy", "mypy_grpc")


def contracts(directory: Path = ROOT) -> list[str]:
    """Name the contracts as protoc does: by their path from the root."""
    return sorted(str(path.relative_to(directory)) for path in directory.glob("proto/*.proto"))


def generate(into: Path = ROOT) -> None:
    """Write the generated files under a directory; raises `SystemExit` where protoc fails."""
    _protoc("python", "mypy", into=into, files=contracts())
    with_services = [name for name in contracts() if "\nservice " in (ROOT / name).read_text()]
    _protoc("grpc_python", "mypy_grpc", into=into, files=with_services)


def compile_descriptors(root: Path, into: Path) -> None:
    """Compile the contracts under a root to a file, a serialized `FileDescriptorSet`."""
    includes = [f"-I{path}" for path in (str(root), *INCLUDES[1:])]
    _run(*includes, "--include_imports", f"--descriptor_set_out={into}", *contracts(root))


def described(root: Path = ROOT) -> FileDescriptorSet:
    """Give the descriptors of the contracts under a root, without those of what they import."""
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "descriptors"
        compile_descriptors(root, output)
        found = FileDescriptorSet.FromString(output.read_bytes())
    return FileDescriptorSet(file=[file for file in found.file if file.name.startswith("proto/")])


def release() -> None:
    """Write down the contracts as they are now."""
    # Without it, the options that name topics and keys would be numbers.
    from proto import event_pb2  # noqa: F401

    RELEASED.write_text(text_format.MessageToString(described()))


def _protoc(*outputs: str, into: Path, files: list[str]) -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    plugins = [f"--plugin=protoc-gen-{name}={scripts / f'protoc-gen-{name}'}" for name in PLUGINS]
    includes = [f"-I{path}" for path in INCLUDES]
    _run(*includes, *plugins, *(f"--{output}_out={into}" for output in outputs), *files)


def _run(*arguments: str) -> None:
    if code := protoc.main(["protoc", *arguments]):
        sys.exit(code)


if __name__ == "__main__":
    generate()
    if "--release" in sys.argv:
        release()
