"""A blog in a git repository comes over whole or not at all, and what was there before stands in for it."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from digest.collect.git import Checkout
from digest.collect.git.faults import Fault, what_git_said
from digest.collect.git.locking import only_one
from digest.errors import ConfigError, SourceError
from digest.models import Level
from tests.conftest import skip_or_fail

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
PASSWORD = "correct-horse-battery"


class Repo:
    """A repository that somebody else works in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowFilter", "true")
        self.write("docs/one.md", "first").write("docs/deep/two.md", "second").write("big.bin", "x" * 5000)
        self.commit()

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True, text=True, env=environment
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> Repo:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)
        return self

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")


class Patient(ThreadingHTTPServer):
    """Does not mind a client that was killed."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] - as the library calls it


class GitServer:
    """A repository over HTTP, by git's own server program; `answer` may stand in for it."""

    def __init__(self, root: Path) -> None:
        self.requests: list[tuple[str, str]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], bool] = lambda _: False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.command, self.path))
                if not outer.answer(self):
                    self.ask_git()

            do_POST = do_GET  # noqa: N815 - the library's name

            def ask_git(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else self.chunks()
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=body,
                    capture_output=True,
                    check=False,
                    env={
                        "PATH": os.environ["PATH"],
                        "GIT_CONFIG_GLOBAL": os.devnull,
                        "GIT_PROJECT_ROOT": str(root),
                        "GIT_HTTP_EXPORT_ALL": "1",
                        "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                        "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                        "REQUEST_METHOD": self.command,
                        "PATH_INFO": parts.path,
                        "QUERY_STRING": parts.query,
                        "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                        "CONTENT_LENGTH": str(len(body)),
                    },
                )
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
                self.send_response(int(headers.pop("Status", "200").split()[0]))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def chunks(self) -> bytes:
                body = b""
                while self.headers.get("Transfer-Encoding") and (size := int(self.rfile.readline(), 16)):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                return body

            def log_message(self, *_: object) -> None:
                pass

        self._server = Patient(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    if shutil.which("git") is None:
        skip_or_fail("git", "there is no git program")
    return Repo(tmp_path / "repo")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "var" / "blog"


@pytest.fixture
def server(repo: Repo) -> Iterator[GitServer]:
    running = GitServer(repo.folder.parent)
    yield running
    running.close()


def checkout(url: str, place: Path, branch: str = "main", folder: str = "docs", **more: object) -> Checkout:
    return Checkout(url, branch, folder, place, allow_private=True, **more)  # type: ignore[arg-type] - a mix of types


def files_in(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def gone(handler: BaseHTTPRequestHandler) -> bool:
    """Break off every answer, as a server does that is going down."""
    handler.close_connection = True
    return True


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], bool]:
    def answer(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        return True

    return answer


def test_only_the_folder_at_the_newest_commit_comes_over(repo: Repo, place: Path) -> None:
    folder, findings = checkout(repo.url, place).update(NOW)
    assert files_in(folder) == {"one.md": "first", "deep/two.md": "second"}
    assert findings == ()
    whole, _ = checkout(repo.url, place.with_name("whole"), folder="").update(NOW)
    assert set(files_in(whole)) == {"docs/one.md", "docs/deep/two.md", "big.bin"}


def test_without_a_branch_it_is_the_one_that_the_repository_names(repo: Repo, place: Path) -> None:
    repo.git("checkout", "--quiet", "-b", "trunk")
    repo.write("docs/one.md", "of the trunk").commit()
    folder, _ = checkout(repo.url, place, branch="").update(NOW)
    assert files_in(folder)["one.md"] == "of the trunk"


def test_news_comes_over_beside_the_files_that_somebody_may_be_reading(repo: Repo, place: Path) -> None:
    before, _ = checkout(repo.url, place).update(NOW)
    (repo.folder / "docs/one.md").unlink()
    repo.write("docs/three.md", "third").commit()
    after, _ = checkout(repo.url, place).update(NOW)
    assert files_in(after) == {"deep/two.md": "second", "three.md": "third"}
    assert files_in(before) == {"one.md": "first", "deep/two.md": "second"}
    repo.write("docs/three.md", "again").commit()
    last, _ = checkout(repo.url, place).update(NOW)
    assert not before.exists()
    assert after.exists()
    assert checkout(repo.url, place).last() == last


def test_without_news_nothing_is_fetched_and_the_folder_stays(repo: Repo, server: GitServer, place: Path) -> None:
    source = checkout(f"{server.url}/repo", place)
    first, _ = source.update(NOW)
    server.requests.clear()
    second, _ = source.update(NOW)
    assert first == second
    assert [path for _, path in server.requests] == [
        "/repo/info/refs?service=git-upload-pack",
        "/repo/git-upload-pack",
    ], "the question for the newest commit, and nothing else"


def test_over_http_only_what_is_read_is_fetched_in_few_requests(repo: Repo, server: GitServer, place: Path) -> None:
    for number in range(120):
        repo.write(f"docs/{number}.md", f"post {number}").write(f"other/{number}.bin", f"{number}" * 500)
    repo.commit()
    folder, _ = checkout(f"{server.url}/repo", place).update(NOW)
    assert len(files_in(folder)) == 122
    assert len(server.requests) <= 10
    (copy,) = place.glob("objects-*.git")
    held = subprocess.run(
        ["git", "--git-dir", copy, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert held.count("blob") == 122
    assert held.count("commit") == 1
    server.requests.clear()
    repo.write("docs/new.md", "new").commit()
    folder, _ = checkout(f"{server.url}/repo", place).update(NOW)
    assert len(files_in(folder)) == 123
    assert len(list(place.glob("objects-*.git"))) == 1
    assert copy.exists(), "what is there is built upon"


def test_a_server_that_cannot_leave_files_out_sends_them_all(repo: Repo, server: GitServer, place: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "false")
    folder, findings = checkout(f"{server.url}/repo", place).update(NOW)
    assert set(files_in(folder)) == {"one.md", "deep/two.md"}
    assert findings == ()


def test_a_branch_that_was_rewritten_is_followed(repo: Repo, place: Path) -> None:
    checkout(repo.url, place).update(NOW)
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.write("docs/one.md", "rewritten").commit()
    repo.git("branch", "--force", "main", "other")
    folder, _ = checkout(repo.url, place).update(NOW)
    assert files_in(folder)["one.md"] == "rewritten"


def test_another_branch_folder_or_address_in_the_configuration_counts_at_once(repo: Repo, place: Path) -> None:
    checkout(repo.url, place).update(NOW)
    repo.git("checkout", "--quiet", "-b", "drafts/next")
    repo.write("docs/one.md", "next").commit()
    assert files_in(checkout(repo.url, place, branch="drafts/next").update(NOW)[0])["one.md"] == "next"
    assert files_in(checkout(repo.url, place, folder="docs/deep/").update(NOW)[0]) == {"two.md": "second"}
    other = Repo(repo.folder.with_name("other"))
    other.write("docs/one.md", "of the other").commit()
    assert files_in(checkout(other.url, place).update(NOW)[0])["one.md"] == "of the other"
    shutil.rmtree(repo.folder)
    with pytest.raises(SourceError, match="no such repository"):
        checkout(repo.url, place).update(NOW)
    assert checkout(repo.url, place).last() is None


def test_when_the_server_is_away_the_last_state_is_used_and_said(repo: Repo, server: GitServer, place: Path) -> None:
    source = checkout(f"{server.url}/repo", place)
    commit = repo.git("rev-parse", "HEAD")
    before, _ = source.update(NOW - timedelta(days=3))
    repo.write("docs/new.md", "new").commit()
    for answer in (gone, status(503), status(500), status(429)):
        server.answer = answer
        folder, (finding,) = source.update(NOW)
        assert folder == before
        assert (finding.level, finding.code) == (Level.WARNING, "blog.unreachable")
        assert "the last good reading, of 2026-11-19 09:00 +0900" in finding.message
        assert commit[:10] in finding.message
        assert finding.fix
    assert source.update(NOW + timedelta(minutes=1))[1][0].level is Level.ERROR, "after three days"
    server.close()
    assert source.update(NOW)[0] == before
    with pytest.raises(SourceError, match="cannot be read") as error:
        checkout(f"{server.url}/repo", place.with_name("fresh")).update(NOW)
    assert error.value.fix


def test_a_fetch_that_breaks_off_leaves_the_last_state(repo: Repo, server: GitServer, place: Path) -> None:
    source = checkout(f"{server.url}/repo", place)
    before, _ = source.update(NOW)
    repo.write("docs/new.md", "new").commit()
    questions = 0

    def answers_questions_only(handler: BaseHTTPRequestHandler) -> bool:
        nonlocal questions
        questions += 1
        return questions > 2 and gone(handler)

    server.answer = answers_questions_only
    folder, findings = source.update(NOW)
    assert folder == before
    assert [finding.code for finding in findings] == ["blog.unreachable"]
    server.answer = lambda _: False
    folder, findings = source.update(NOW)
    assert "new.md" in files_in(folder)
    assert findings == ()
    assert len(list(place.glob("objects-*"))) == 1
    assert len(list(place.glob("files-*/"))) == 2, "nothing of the failed attempts is left"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_server_that_says_no_leaves_the_last_state_in_use_and_is_an_error(
    repo: Repo, server: GitServer, place: Path, code: int
) -> None:
    source = checkout(f"{server.url}/repo", place)
    before, _ = source.update(NOW)
    server.answer = status(code)
    folder, (finding,) = source.update(NOW)
    assert (folder, finding.level, finding.code) == (before, Level.ERROR, "blog.unreachable")
    assert "token" in finding.fix
    with pytest.raises(SourceError) as error:
        checkout(f"{server.url}/repo", place.with_name("fresh")).update(NOW)
    assert "token" in error.value.fix


@pytest.mark.parametrize("lost", ["repository", "branch", "folder", "all branches", "moved"])
def test_what_is_gone_leaves_the_last_state_in_use_and_is_an_error(
    repo: Repo, server: GitServer, place: Path, lost: str
) -> None:
    source = checkout(f"{server.url}/repo", place)
    before, _ = source.update(NOW)
    match lost:
        case "repository":
            repo.folder.rename(repo.folder.with_name("elsewhere"))
        case "branch":
            repo.git("branch", "--move", "trunk")
        case "folder":
            shutil.rmtree(repo.folder / "docs")
            repo.commit()
        case "all branches":
            repo.git("update-ref", "-d", "refs/heads/main")
        case "moved":
            server.answer = status(301, Location=f"{server.url}/new/info/refs?service=git-upload-pack")
    for _ in range(3):
        folder, (finding,) = source.update(NOW)
        assert (folder, finding.level, finding.code) == (before, Level.ERROR, "blog.unreachable")
        assert finding.fix
        assert len(list(place.glob("files-*/"))) == len(list(place.glob("objects-*"))) == 1, "no attempt is left"
    assert files_in(folder) == {"one.md": "first", "deep/two.md": "second"}


def test_what_lies_on_the_disk_does_not_grow_with_the_updates(repo: Repo, place: Path) -> None:
    for number in range(4):
        (repo.folder / f"docs/{number}.bin").write_bytes(os.urandom(500_000))
    repo.commit()
    for number in range(12):
        (repo.folder / f"docs/{number % 4}.bin").write_bytes(os.urandom(500_000))
        repo.commit()
        folder, _ = Checkout(repo.url, "main", "docs", place, allow_private=True).update(NOW)
        assert (folder / f"{number % 4}.bin").read_bytes() == (repo.folder / f"docs/{number % 4}.bin").read_bytes()
        held = sum(path.stat().st_size for path in place.glob("objects-*/objects/pack/*.pack"))
        assert held < 1.5 * 2_000_000 + 700_000
        assert len(list(place.glob("files-*/"))) <= 2


def test_a_failed_first_reading_leaves_nothing_behind(repo: Repo, place: Path) -> None:
    for _ in range(2):
        with pytest.raises(SourceError, match="has no folder"):
            checkout(repo.url, place, folder="nowhere").update(NOW)
    assert [path.name for path in place.iterdir()] == ["lock"]


def test_a_repository_that_moved_is_not_followed(repo: Repo, server: GitServer, place: Path) -> None:
    server.answer = status(301, Location=f"{server.url}/repo/info/refs?service=git-upload-pack")
    with pytest.raises(SourceError, match="another address"):
        checkout(f"{server.url}/moved", place).update(NOW)
    assert len(server.requests) == 1


def test_a_token_opens_a_private_repository_and_stays_unseen(repo: Repo, server: GitServer, place: Path) -> None:
    def private(handler: BaseHTTPRequestHandler) -> bool:
        given = handler.headers.get("Authorization", "")
        if given == "Basic " + base64.b64encode(f"x-access-token:{PASSWORD}".encode()).decode():
            return False
        return status(401, WWW_Authenticate="Basic realm=x")(handler)

    server.answer = private
    source = checkout(f"{server.url}/repo", place, token=PASSWORD)
    folder, _ = source.update(NOW)
    assert "one.md" in files_in(folder)
    assert PASSWORD not in repr(source)
    assert all(PASSWORD.encode() not in path.read_bytes() for path in place.rglob("*") if path.is_file())
    with pytest.raises(SourceError) as error:
        checkout(f"{server.url}/repo", place.with_name("fresh"), token="wrong-" + PASSWORD).update(NOW)
    assert PASSWORD not in str(error.value)
    assert "password" in error.value.message


def test_a_spoilt_copy_is_made_anew(repo: Repo, place: Path) -> None:
    folder, _ = checkout(repo.url, place).update(NOW)
    (folder / "one.md").write_text("spoilt")
    folder, _ = checkout(repo.url, place).update(NOW)
    assert files_in(folder)["one.md"] == "first"
    (folder / "deep/two.md").unlink()
    folder, _ = checkout(repo.url, place).update(NOW)
    assert len(files_in(folder)) == 2
    (place / "state.json").write_text('{"files": "../../etc"}')
    assert len(files_in(checkout(repo.url, place).update(NOW)[0])) == 2


@pytest.mark.parametrize("harm", ["pack", "head", "lock", "all"])
def test_spoilt_objects_are_fetched_anew(repo: Repo, place: Path, harm: str) -> None:
    checkout(repo.url, place).update(NOW)
    (objects,) = place.glob("objects-*.git")
    match harm:
        case "pack":
            for pack in (objects / "objects/pack").glob("*.pack"):
                pack.chmod(0o600)
                pack.write_bytes(b"PACK" + b"\0" * 40)
        case "head":
            (objects / "HEAD").write_text("nonsense")
        case "lock":
            (objects / "shallow.lock").touch()
        case "all":
            shutil.rmtree(objects)
    repo.write("docs/new.md", "new").commit()
    folder, findings = checkout(repo.url, place).update(NOW)
    assert set(files_in(folder)) == {"one.md", "deep/two.md", "new.md"}
    assert findings == ()


KILLED = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from digest.collect.git import Checkout
from digest.collect.git.faults import Fault, what_git_said
Checkout(sys.argv[1], "main", "docs", Path(sys.argv[2]), allow_private=True).update(datetime.now(timezone.utc))
"""


def test_a_run_that_is_killed_leaves_the_last_state_in_use(repo: Repo, server: GitServer, place: Path) -> None:
    url = f"{server.url}/repo"
    before, _ = checkout(url, place).update(NOW)
    repo.write("docs/new.md", "new").commit()
    fetching, go_on = threading.Event(), threading.Event()
    asked = 0

    def hangs_while_fetching(handler: BaseHTTPRequestHandler) -> bool:
        nonlocal asked
        asked += 1
        if asked <= 3:
            return False
        fetching.set()
        go_on.wait(30)
        handler.close_connection = True
        return True

    server.answer = hangs_while_fetching
    process = subprocess.Popen([sys.executable, "-c", KILLED, url, str(place)])
    assert fetching.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert checkout(url, place).last() == before
    with pytest.raises(TimeoutError), only_one(place / "lock", 0):
        pytest.fail("the git that outlives its parent still holds the lock")
    go_on.set()
    server.answer = lambda _: False
    folder, findings = checkout(url, place).update(NOW)
    assert "new.md" in files_in(folder)
    assert findings == ()


def test_what_takes_too_long_is_killed_with_all_that_it_started(repo: Repo, server: GitServer, place: Path) -> None:
    source = checkout(f"{server.url}/repo", place, timeout_seconds=1)
    before, _ = source.update(NOW)
    repo.write("docs/new.md", "new").commit()
    go_on, asked = threading.Event(), 0

    def hangs(handler: BaseHTTPRequestHandler) -> bool:
        nonlocal asked
        asked += 1
        if asked > 2:
            go_on.wait(30)
        return False

    server.answer = hangs
    folder, (finding,) = source.update(NOW)
    assert folder == before
    assert "longer than 1 seconds" in finding.message
    with only_one(place / "lock", 5):
        pass  # nobody holds it for long
    go_on.set()


def test_one_process_at_a_time_updates_a_copy(repo: Repo, place: Path) -> None:
    source = checkout(repo.url, place)
    with ThreadPoolExecutor(4) as threads:
        folders = {folder for folder, _ in threads.map(lambda _: source.update(NOW), range(4))}
    assert len(folders) == 1
    with only_one(place / "lock", 0), pytest.raises(SourceError, match="in use"):
        checkout(repo.url, place, timeout_seconds=0.2).update(NOW)


def test_nothing_that_the_repository_brings_is_run(repo: Repo, place: Path, tmp_path: Path) -> None:
    repo.write("docs/.gitattributes", "*.md filter=lfs diff=evil merge=evil\n*.txt export-subst eol=crlf\n")
    repo.write(
        ".gitmodules", '[submodule "x"]\n\tpath = docs/sub\n\turl = --upload-pack=touch /tmp/x\n\tupdate = !touch x\n'
    )
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},docs/sub")
    repo.write("docs/link.md", "")
    (repo.folder / "docs/link.md").unlink()
    (repo.folder / "docs/link.md").symlink_to("/etc/passwd")
    repo.git("add", "--all", ".gitmodules", "docs/.gitattributes", "docs/link.md")
    repo.git("commit", "--quiet", "-m", "evil")
    home = tmp_path / "home"
    home.mkdir()
    mark = tmp_path / "ran"
    (home / ".gitconfig").write_text(
        f'[filter "lfs"]\n\tsmudge = touch {mark}; cat\n[core]\n\tfsmonitor = touch {mark}\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_SSH_COMMAND", f"touch {mark}")
        patch.setenv("GIT_EXTERNAL_DIFF", f"touch {mark}")
        folder, _ = checkout(repo.url, place).update(NOW)
    assert not mark.exists()
    assert (folder / "one.md").read_text() == "first"
    assert (folder / "link.md").is_symlink(), "the frame of the readers does not follow it"
    assert not list((folder / "sub").iterdir())
    assert checkout(repo.url, place).update(NOW)[0] == folder


def test_a_folder_that_is_a_link_or_gone_is_no_folder(repo: Repo, place: Path) -> None:
    (repo.folder / "linked").symlink_to("/etc")
    repo.commit()
    for folder in ("linked", "linked/ssl", "big.bin", "nowhere", "docs/one.md"):
        with pytest.raises(SourceError, match="has no folder") as error:
            checkout(repo.url, place, folder=folder).update(NOW)
        assert "docs" in error.value.fix


def test_a_branch_that_is_not_there_is_named_with_the_nearest(repo: Repo, place: Path) -> None:
    repo.git("branch", "publish")
    with pytest.raises(SourceError, match="no branch “publsh”") as error:
        checkout(repo.url, place, branch="publsh").update(NOW)
    assert "did you mean “publish”?" in error.value.fix
    bare = repo.folder.with_name("bare")
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    with pytest.raises(SourceError, match="is empty"):
        checkout(bare.as_uri(), place).update(NOW)


def test_a_repository_that_is_itself_shallow_or_hashes_otherwise_can_be_read(repo: Repo, place: Path) -> None:
    repo.write("docs/new.md", "new").commit()
    shallow = repo.folder.with_name("shallow")
    subprocess.run(["git", "clone", "--quiet", "--depth=1", repo.url, shallow], check=True)
    assert "new.md" in files_in(checkout(shallow.as_uri(), place).update(NOW)[0])
    modern = repo.folder.with_name("modern")
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", "-b", "main", modern], check=True)
    other = Repo.__new__(Repo)
    other.folder = modern
    other.write("docs/a.md", "hashed otherwise").commit()
    assert files_in(checkout(modern.as_uri(), place).update(NOW)[0]) == {"a.md": "hashed otherwise"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://user:hunter2@example.com/blog.git", "password"),
        ("https://hunter2@example.com/blog.git", "password"),
        ("ssh://git:hunter2@example.com/blog.git", "password"),
        ("http://example.com/blog.git", "allow_private"),
        ("file:///srv/blog.git", "allow_private"),
        ("ext::sh -c touch% /tmp/x", "blank"),
        ("ext::sh", "neither"),
        ("--upload-pack=touch", "dash"),
        ("ssh://-oProxyCommand=touch/x", "host"),
        ("-oProxyCommand=touch:x", "dash"),
        ("git@-oProxyCommand=touch:x", "neither"),
        ("git@example.com:-x", "neither"),
        ("/srv/blog", "neither"),
        ("https:///blog", "host"),
        ("https://example.com/", "not the address"),
        ("https://example.com/a\nb", "blank"),
        ("ftp://example.com/blog", "ftp"),
        ("https://example.com:x/blog", "no address"),
    ],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(url: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=reason) as error:
        Checkout(url, "", "", tmp_path)
    assert "hunter2" not in str(error.value)
    assert error.value.fix
    assert ("allow_private = true" in error.value.fix) == (reason == "allow_private")


@pytest.mark.parametrize(
    "url", ["git@github.com:example/blog.git", "ssh://git@example.com:2222/blog", "https://[::1]/b"]
)
def test_the_addresses_that_people_copy_are_taken(url: str, tmp_path: Path) -> None:
    Checkout(url, "feature/a-b_c.d", "./docs//blog/", tmp_path)


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "a:b", "a~1", "x.lock", "a/", "@{1}", "a\nb", "refs/heads/^x"])
def test_a_branch_that_git_would_misread_is_refused(branch: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no name of a branch"):
        Checkout("https://example.com/blog", branch, "", tmp_path)


@pytest.mark.parametrize("folder", ["../x", "docs/../../x", ".git", "docs/.GIT/x", "a\0b"])
def test_a_folder_outside_of_the_repository_is_refused(folder: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder within"):
        Checkout("https://example.com/blog", "", folder, tmp_path)


def test_a_server_in_a_private_network_is_asked_only_when_allowed(server: GitServer, place: Path) -> None:
    with pytest.raises(ConfigError, match="private or reserved") as error:
        Checkout(server.url.replace("http:", "https:") + "/repo", "", "", place).update(NOW)
    assert "allow_private" in error.value.fix
    assert server.requests == []


def test_without_git_a_person_is_told(repo: Repo, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="not installed"):
        checkout(repo.url, place).update(NOW)
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.25.1\n")
    old.chmod(0o755)
    with pytest.raises(SourceError, match=r"git version 2\.25\.1"):
        checkout(repo.url, place).update(NOW)


def test_a_place_that_cannot_be_written_is_told(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="cannot be kept"):
        checkout(repo.url, tmp_path / "file" / "copy").update(NOW)


def test_what_a_server_tells_is_shown_without_a_password_and_on_one_line() -> None:
    said = f"remote: hello\nfatal: \x1b[31mhttps://jo:hunter2@example.com\x07 took {PASSWORD} for the password\n"
    error = what_git_said(said, "https://example.com/blog", PASSWORD)
    assert "hunter2" not in error.said
    assert PASSWORD not in error.said
    assert error.said.isprintable()
    assert error.fault is Fault.LOCAL


def test_the_name_of_a_repository_is_no_reason() -> None:
    address = "https://example.com/openssl-certificates.git"
    error = what_git_said(f"fatal: unable to access '{address}/': Failed to connect\n", address, "")
    assert error.fault is Fault.UNREACHABLE
    assert "not safe" not in error.said
