"""The file system of a place: layers, overlay, mounts, links, permissions."""

from __future__ import annotations

import pytest

from cluster.workloads.files import FileError
from cluster.workloads.filesystem import FileTree, Layer, Mount

BASE = Layer(
    {
        "/etc/hostname": "web\n",
        "/etc/nginx/nginx.conf": {"text": "events {}\n", "mode": 0o600},
        "/bin": {"link": "/usr/bin"},
        "/usr/bin/sh": {"text": "", "mode": 0o755},
        "/var/log": {"dir": True},
        "/loop": {"link": "/loop"},
    }
)


def tree(overlay=None, *mounts, **options):
    return FileTree([BASE], {} if overlay is None else overlay, mounts, lambda: 1000.0, **options)


def code(call, *arguments, **options):
    with pytest.raises(FileError) as caught:
        call(*arguments, **options)
    return caught.value.code


def test_a_tree_that_only_reads_costs_an_empty_overlay():
    overlay = {}
    files = tree(overlay)
    assert files.read("/etc/hostname") == b"web\n"
    assert files.list("/") == ["bin", "etc", "loop", "usr", "var"]
    assert files.stat("/etc").kind == "dir" and files.stat("/etc/nginx/nginx.conf").mode == 0o600
    assert overlay == {} and not files.touched


def test_a_write_goes_to_the_overlay_and_keeps_mode_and_owner():
    overlay = {}
    files = tree(overlay)
    files.write("/etc/nginx/nginx.conf", b"x", append=True)
    assert overlay == {"/etc/nginx/nginx.conf": {"text": "events {}\nx", "mode": 0o600, "mtime": 1000.0}}
    assert tree(overlay).read("/etc/nginx/nginx.conf") == b"events {}\nx"
    assert files.touched == {"/"}


def test_bytes_that_are_no_text_survive():
    files = tree()
    files.write("/x", b"\xff\x00")
    assert files.read("/x") == b"\xff\x00"


def test_a_removed_file_is_hidden_and_may_come_back():
    files = tree()
    files.remove("/etc/hostname")
    assert not files.exists("/etc/hostname") and files.list("/etc") == ["nginx"]
    files.write("/etc/hostname", b"new")
    assert files.read("/etc/hostname") == b"new"


def test_a_directory_made_again_does_not_show_what_lay_below():
    files = tree()
    assert code(files.remove, "/etc") == "ENOTEMPTY"
    files.remove("/etc", recursive=True)
    assert not files.exists("/etc/hostname")
    files.make_dir("/etc")
    assert files.list("/etc") == [] and not files.exists("/etc/hostname")
    files.write("/etc/new", b"1")
    assert files.list("/etc") == ["new"]


def test_links_are_followed_and_loops_found():
    files = tree()
    assert files.real_path("/bin/sh") == "/usr/bin/sh"
    assert files.stat("/bin", follow=False).target == "/usr/bin"
    assert code(files.read, "/loop") == "ELOOP"
    files.symlink("../etc/hostname", "/var/name")
    assert files.read("/var/name") == b"web\n"


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("read", ("/nope",), "ENOENT"),
        ("read", ("/etc",), "EISDIR"),
        ("read", ("/etc/hostname/x",), "ENOTDIR"),
        ("write", ("/no/dir", b""), "ENOENT"),
        ("write", ("/etc", b""), "EISDIR"),
        ("make_dir", ("/etc",), "EEXIST"),
        ("list", ("/etc/hostname",), "ENOTDIR"),
        ("remove", ("/nope",), "ENOENT"),
    ],
)
def test_errors_carry_the_errno(method, arguments, expected):
    assert code(getattr(tree(), method), *arguments) == expected


def test_a_directory_moves_with_all_below_it():
    files = tree()
    files.rename("/etc", "/conf")
    assert files.list("/conf") == ["hostname", "nginx"] and not files.exists("/etc")
    assert files.read("/conf/nginx/nginx.conf") == b"events {}\n"


def test_mounts_are_shared_trees_and_may_be_read_only():
    shared = {}
    one = tree({}, Mount("/data", shared), Mount("/cfg", {"/key": "v"}, read_only=True, source="configmap"))
    two = FileTree([], {}, [Mount("/cache", shared)])
    one.write("/data/x", b"1")
    assert two.read("/cache/x") == b"1" and two.list("/") == ["cache"]
    assert code(one.write, "/cfg/key", b"") == "EROFS" and code(one.remove, "/data") == "EBUSY"
    assert one.mounts() == [("/", "overlay", False), ("/data", "overlay", False), ("/cfg", "configmap", True)]
    assert one.touched == {"/data"}


def test_a_sub_path_mounts_one_file_or_folder():
    volume = {"/a/nginx.conf": "x", "/b/y": "z"}
    files = tree({}, Mount("/etc/nginx/nginx.conf", volume, sub_path="a/nginx.conf"), Mount("/b", volume, sub_path="b"))
    assert files.read("/etc/nginx/nginx.conf") == b"x" and files.list("/b") == ["y"]
    assert files.list("/etc/nginx") == ["nginx.conf"]


def test_another_user_writes_only_where_the_modes_allow():
    files = tree({}, user="1000")
    assert code(files.write, "/x", b"") == "EACCES" and code(files.write, "/etc/hostname", b"") == "EACCES"
    assert code(files.read, "/etc/nginx/nginx.conf") == "EACCES" and code(files.chmod, "/etc", 0o777) == "EPERM"
    root = tree(files._root.upper)
    root.make_dir("/tmp")
    files.write("/tmp/mine", b"")
    assert files.stat("/tmp/mine").user == "1000"


def test_a_read_only_root_refuses_writes():
    assert code(tree(read_only=True).write, "/x", b"") == "EROFS"


def test_make_dir_with_parents_and_modes():
    files = tree()
    files.make_dir("/a/b/c", parents=True, mode=0o700)
    files.make_dir("/a/b/c", parents=True)
    assert files.stat("/a/b/c").mode == 0o700 and files.stat("/a").mode == 0o755
    files.chown("/a", "nginx", "")
    assert (files.stat("/a").user, files.stat("/a").group) == ("nginx", "root")
