"""What happens around every request, whatever the page."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.app import QUIET, _Lines, logging_set
from directory.web.middleware import SECURITY_HEADERS, host_name
from tests.web.small import HOST, PRODUCTION, SETTINGS, small_app, visitor


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with visitor(small_app(tmp_path)) as client:
        yield client


def lines(caplog: pytest.LogCaptureFixture, name: str = "footbridge.access") -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == name]


# --- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/api/nowhere", {}, 404),
        ("DELETE", "/", {}, 405),
        ("GET", "/broken", {}, 500),
        ("GET", "/api/broken", {}, 500),
        ("GET", "/failing/gone", {}, 410),
        ("GET", "/static/site.css", {}, 200),
        ("GET", "/static/none.css", {}, 404),
        ("GET", "/", {"Host": "evil.test"}, 400),
        ("POST", "/echo", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/echo", {"Content-Length": "1001"}, 413),
        ("GET", "/tagged/", {}, 307),
    ],
)
def test_every_answer_carries_the_protective_headers(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = client.request(method, path, headers=headers)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "strict-transport-security" not in response.headers


def test_the_policy_allows_nothing_but_our_own_files_and_no_inline_script(client: TestClient) -> None:
    policy = dict(part.split(" ", 1) for part in client.get("/").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_only_production_over_https_binds_browsers_to_https(tmp_path: Path) -> None:
    with visitor(small_app(tmp_path, PRODUCTION), "https://help.example.org") as client:
        assert client.get("/").headers["strict-transport-security"] == "max-age=31536000"


# --- which host ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST", "help.example.org", "a.b.example.org:443"]
)
def test_known_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "example.org",
        "evilexample.org",
        "localhost.evil.test",
        "localhost@evil.test",
        "localhost:x",
        "",
        "[::1",
    ],
)
def test_other_names_get_a_plain_answer_that_does_not_repeat_them(client: TestClient, host: str) -> None:
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/plain")
    assert "does not answer to that name" in response.text
    assert "evil" not in response.text


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("a.test:80", "a.test"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
        ("a.test:", "a.test"),
        ("a/b", None),
        ("a.test:99999", None),
    ],
)
def test_the_name_in_a_host_header_is_read_without_its_port(header: str, name: str | None) -> None:
    assert host_name(header) == name


# --- from where ------------------------------------------------------------------------------------------------------

COOKIE = {"Cookie": "language=es"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HOST}, 403),
        ({"Origin": HOST}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.test"}, 403),
        ({"Origin": "http://[", "Referer": HOST}, 403),
        ({"Referer": f"{HOST}/listings/x"}, 200),
        ({"Referer": "http://evil.test/http://localhost"}, 403),
        ({"Referer": f"{HOST}/x"} | COOKIE, 200),
        ({}, 200),
        (COOKIE, 403),
        ({"Authorization": "Basic eDp5"}, 403),
    ],
)
def test_a_form_is_taken_only_from_our_own_pages(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post("/echo", data={"a": "1"}, headers=headers).status_code == status


def test_an_https_site_takes_no_form_from_its_http_self(tmp_path: Path) -> None:
    with visitor(small_app(tmp_path, PRODUCTION), "https://help.example.org") as client:
        assert client.post("/echo", headers={"Origin": "http://help.example.org"}).status_code == 403
        assert client.post("/echo", headers={"Origin": "https://help.example.org"}).status_code == 200


def test_reading_is_allowed_from_anywhere(client: TestClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"}).status_code == 200


def test_no_answer_lets_another_site_read_it(client: TestClient) -> None:
    response = client.options("/", headers={"Origin": "http://evil.test", "Access-Control-Request-Method": "GET"})
    assert not [name for name in response.headers if name.startswith("access-control-")]


# --- how much --------------------------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_with_a_page(client: TestClient) -> None:
    response = client.post("/echo", content=b"a" * 1001)
    assert response.status_code == 413
    assert "That is too much at once" in response.text
    assert response.headers["content-type"].startswith("text/html")


def test_a_body_that_does_not_say_its_length_is_counted(client: TestClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = client.post("/echo", content=(b"a" * 100 for _ in range(11)), headers=form)
    assert response.status_code == 413
    assert "That is too much at once" in response.text
    assert client.post("/echo", content=(b"a" * 100 for _ in range(10)), headers=form).status_code == 200


def test_a_form_of_another_sort_is_refused(client: TestClient) -> None:
    assert client.post("/echo", json={"a": 1}).status_code == 415
    assert client.post("/echo", files={"a": b"x"}).status_code == 415


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_has_one_line_for_each_request_without_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get(
            "/?near=19107&name=Ada", headers={"Cookie": "language=es; desk=hush", "X-Forwarded-For": "203.0.113.9"}
        )
        client.get("/nowhere?q=detox")
    first, second = lines(caplog)
    assert first.startswith("GET / 200 ")
    assert first.endswith("ms")
    assert second.startswith("GET /nowhere 404 ")
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("footbridge"))
    assert not [word for word in ("19107", "Ada", "hush", "203.0.113", "detox", "testclient") if word in ours]


def test_a_line_of_the_log_says_of_itself_what_the_library_would(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    before = time.time()
    for _ in range(2):
        client.get("/")
    first, second = [record for record in caplog.records if record.name == "footbridge.access"]
    usual = logging.LogRecord("footbridge.access", logging.INFO, first.pathname, 0, first.msg, (), None)
    assert vars(usual).keys() <= vars(first).keys()
    same = ("levelname", "levelno", "process", "processName", "filename", "module", "exc_info")
    assert [getattr(second, name) for name in same] == [getattr(usual, name) for name in same]
    assert before <= first.created <= second.created <= time.time()
    assert first.relativeCreated <= second.relativeCreated <= usual.relativeCreated + 1000
    assert second.msecs == int(second.created % 1 * 1000)


@pytest.mark.parametrize(
    "path", ["/status/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA", "/h/abc", "/search\n"]
)
def test_a_secret_or_a_line_end_in_a_path_is_not_logged_as_it_stands(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client.get(path.replace("\n", "%0A"))
    (line,) = lines(caplog)
    assert f"GET {path} " not in line
    assert "\n" not in line


def test_the_log_writes_the_second_that_each_line_was_made_in() -> None:
    written = _Lines()
    usual = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    for created in (1_700_000_000.0625, 1_700_000_000.75, 1_700_000_001.5, 1_699_999_999.25):
        for error in (None, (ValueError, ValueError("broken"), None)):
            values = {"created": created, "msecs": created % 1 * 1000, "msg": "said", "args": (), "exc_info": error}
            record = logging.makeLogRecord(values)
            assert written.format(record) == usual.format(record)


def test_a_path_cannot_forge_a_line_of_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/x%0d%0aGET%20/%20200%201ms")
    (line,) = lines(caplog)
    assert "\n" not in line
    assert "\r" not in line


def test_what_is_refused_is_logged_too(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.post("/echo", headers={"Sec-Fetch-Site": "cross-site"})
        client.get("/broken")
    assert [line.rsplit(" ", 1)[0] for line in lines(caplog)] == ["POST /echo 403", "GET /broken 500"]


@pytest.mark.parametrize("name", QUIET)
def test_libraries_that_write_down_values_are_quiet_whatever_the_root_says(name: str) -> None:
    root, quiet = logging.getLogger(), logging.getLogger(name)
    level = root.level
    quiet.setLevel(logging.NOTSET)
    try:
        root.setLevel(logging.DEBUG)
        logging_set()
        assert quiet.getEffectiveLevel() == logging.WARNING
    finally:
        root.setLevel(level)


# --- mistakes of ours ------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_a_page_that_tells_nothing_of_it(client: TestClient) -> None:
    response = client.get("/broken?near=19107")
    assert response.status_code == 500
    assert "Something went wrong here" in response.text
    assert response.headers["cache-control"] == "no-store"
    assert not [word for word in ("19107", "ValueError", "no such thing", "Traceback") if word in response.text]


def test_production_logs_where_a_mistake_happened_and_not_what_was_asked_or_typed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with visitor(small_app(tmp_path, PRODUCTION), "https://help.example.org") as client:
        client.post("/broken?near=19107", data={"name": "Ada"}, headers={"Sec-Fetch-Site": "same-origin"})
    (line,) = lines(caplog, "footbridge")
    assert "POST /broken" in line
    assert "ValueError" in line
    assert "small.py" in line
    logged = " ".join(
        record.getMessage() + str(record.exc_text) for record in caplog.records if record.name != "httpx2"
    )
    assert "19107" not in logged
    assert "Ada" not in logged


def test_a_mistake_in_the_page_for_mistakes_still_gets_a_sentence(tmp_path: Path) -> None:
    with visitor(small_app(tmp_path, error="{{ nobody_gave_this }}")) as client:
        response = client.get("/broken")
    assert response.status_code == 500
    assert "Something went wrong here" in response.text
    assert response.headers["content-type"].startswith("text/plain")


# --- expected failures ------------------------------------------------------------------------------------------------


def test_wrong_parameters_are_all_named_to_a_reader(client: TestClient) -> None:
    response = client.get("/failing/query")
    assert response.status_code == 400
    assert "900" in response.text
    assert "500" in response.text
    assert "zoo" in response.text


def test_a_program_gets_each_wrong_field_with_what_was_given_and_what_is_allowed(client: TestClient) -> None:
    response = client.get("/api/failing/query")
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["title"], problem["code"], problem["type"]) == (
        400,
        "Bad Request",
        "bad-query",
        "about:blank",
    )
    named = {each["field"]: (each["code"], each["given"], each["allowed"]) for each in problem["errors"]}
    assert named == {"within": ("out-of-range", "900", ["1", "500"]), "kind": ("unknown-value", "zoo", ["a", "b"])}
    assert all(each["detail"] for each in problem["errors"])


def test_a_program_gets_the_nearest_spellings_of_a_place(client: TestClient) -> None:
    response = client.get("/api/failing/place")
    assert response.status_code == 422
    assert response.json()["suggestions"] == ["Saltmarsh, NY", "Salt Fork, OH"]


def test_a_reader_gets_the_nearest_spellings_of_a_place(client: TestClient) -> None:
    assert "Saltmarsh, NY" in client.get("/failing/place").text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nowhere", 404, "not-found"),
        ("GET", "/api", 404, "not-found"),
        ("PUT", "/api/broken", 405, "method-not-allowed"),
        ("GET", "/api/broken", 500, "error"),
        ("GET", "/api/failing/gone", 410, "gone"),
        ("GET", "/api/failing/teapot", 418, "error"),
    ],
)
def test_under_api_every_failure_is_a_problem_document(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert (response.json()["status"], response.json()["code"]) == (status, code)
    assert response.json()["detail"]
    assert "secret" not in json.dumps(response.json())


def test_a_method_that_is_not_allowed_says_which_are(client: TestClient) -> None:
    response = client.put("/")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_nothing_from_an_address_is_put_into_the_page_unescaped(tmp_path: Path) -> None:
    with visitor(small_app(tmp_path)) as client:
        assert "<script>" not in client.get("/?name=<script>").text


# --- compression and caching ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_page_is_compressed_as_the_browser_asks(client: TestClient, encoding: str) -> None:
    response = client.get("/", headers={"Accept-Encoding": encoding})
    assert response.headers["content-encoding"] == encoding
    assert int(response.headers["content-length"]) < 300
    assert encoding == "zstd" or "word word" in response.text  # the test's client reads no zstd
    assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= {
        part.strip() for part in response.headers["vary"].split(",")
    }


def test_head_has_the_headers_of_get(client: TestClient) -> None:
    got, head = client.get("/"), client.head("/")
    assert head.status_code == 200
    assert dict(head.headers) == dict(got.headers)


def test_a_bare_page_may_be_shared_and_one_with_a_question_may_not(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "public, max-age=60"
    assert client.get("/?name=Ada").headers["cache-control"] == "private, max-age=60"
    assert client.get("/nowhere").headers["cache-control"] == "no-store"


def test_a_file_under_its_hash_is_kept_for_good_and_otherwise_shortly(client: TestClient) -> None:
    address = next(part for part in client.get("/").text.split() if part.startswith("/static/"))
    assert client.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/site.css").headers["cache-control"] == "public, max-age=300"
    assert client.get("/static/site.css?v=0123456789ab").headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "path", ["/static/../hello.html", "/static/%2e%2e/templates/hello.html", "/static//etc/passwd", "/static/%00"]
)
def test_files_outside_the_folder_are_not_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


# --- language ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"),
        ({"Accept-Language": "es-MX,en;q=0.5"}, "es"),
        ({"Accept-Language": "es", "Cookie": "language=en"}, "en"),
        ({"Cookie": "language=es"}, "es"),
        ({"Cookie": "language=xx", "Accept-Language": "fr, es;q=0.1"}, "es"),
    ],
)
def test_the_language_is_the_visitors_choice_else_the_browsers(
    client: TestClient, headers: dict[str, str], language: str
) -> None:
    response = client.get("/", headers=headers)
    assert response.headers["content-language"] == language
    assert f"lang={language}" in response.text


def test_a_language_does_not_last_into_the_next_request(client: TestClient) -> None:
    client.get("/", headers={"Accept-Language": "es"})
    assert client.get("/").headers["content-language"] == "en"


def test_a_page_for_errors_is_in_the_visitors_language(client: TestClient) -> None:
    for path in ("/nowhere", "/broken"):
        assert client.get(path, headers={"Accept-Language": "es"}).text.startswith("es|")


def test_the_settings_of_the_small_site_are_those_of_a_test() -> None:
    assert not SETTINGS.is_production
