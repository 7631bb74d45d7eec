"""The import: what is wrong stands at the clerk's own cells, and nothing is written unasked."""

import httpx
import pytest

from tests.console.city import StandInIntake
from tests.console.conftest import StandCity

UPLOAD_ID = "018f6c8e-0000-7000-8000-000000000117"
PATH = f"/workbooks/{UPLOAD_ID}"
PAGE = f"/import/{UPLOAD_ID}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = {"file": ("泽州县4月.xlsx", b"PK not really", XLSX)}


def upload(**other: object) -> dict[str, object]:
    """Give what intake says about an upload."""
    return {
        "upload_id": UPLOAD_ID,
        "receipt": "HZ-201904-0117",
        "file_name": "泽州县4月.xlsx",
        "uploaded_at": "2019-04-22T03:16:00+00:00",
        "kept_until": "2019-10-19T03:16:00+00:00",
        "most_together": 500,
        "state": "checked",
        "mode": None,
        "done": 0,
        "sheet": "附件1",
        "header_row": 3,
        "unit": "万元",
        "remarks": ["隐藏的第 40 行也已读入。"],
        "columns": {
            "name": "B",
            "location.region": "D",
            "builder.name": "E",
            "total_investment": "F",
            "funding.LOAN": "G",
            "planned_start": "AA",
            "contact.phone": "AB",
            "remarks": "AC",
        },
        "rows": 42,
        "acceptable": 36,
        "wrong": 4,
        "unchanged": 2,
        "hinted": 3,
        "total_investment": 5_837_000_000,
        "result": None,
        **other,
    }


def problem(key: str, letter: str, message: str, *, hint: bool = False) -> dict[str, object]:
    """Give what is said about one cell."""
    return {
        "key": key,
        "letter": letter,
        "rule": key,
        "message": message,
        "remedy": "请改。",
        "hint": hint,
    }


def row(number: int, verdict: str, *problems: dict[str, object], **typed: str) -> dict[str, object]:
    """Give a row of the clerk's file."""
    cells = {
        "name": f"示例项目{number}",
        "total_investment": "12000",
        "contact.phone": "13900001234",
        **{key.replace("__", "."): value for key, value in typed.items()},
    }
    return {"number": number, "verdict": verdict, "typed": cells, "problems": list(problems)}


ROWS = [
    row(
        9,
        "wrong",
        problem("total_investment", "F", "这一列的单位是万元。"),
        total_investment="1.2亿元",
    ),
    row(
        23,
        "acceptable",
        problem("funding.LOAN", "G", "合计比总投资少 200。", hint=True),
        funding__LOAN="1000",
    ),
    row(
        31,
        "wrong",
        problem("contact.phone", "AB", "“1390000123”少 1 位。"),
        contact__phone="1390000123",
    ),
    row(40, "unchanged"),
]


def lay_out(intake: StandInIntake, said: dict[str, object], rows: object = ROWS) -> None:
    """Have intake know an upload."""
    intake.answers["GET", PATH] = httpx.Response(200, json=said)
    intake.answers["GET", f"{PATH}/rows"] = httpx.Response(200, json=rows)
    intake.answers["GET", "/workbooks"] = httpx.Response(200, json=[said])


async def test_the_entry_offers_a_template_and_says_that_nothing_is_written(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    city.intake.answers["GET", "/workbooks"] = httpx.Response(200, json=[])
    city.intake.answers["GET", "/workbooks/template"] = httpx.Response(
        200, content=b"PK", headers={"Content-Disposition": "attachment; filename*=UTF-8''a.xlsx"}
    )
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get("/import")).text
        assert "只核对，不写入任何内容" in page
        assert "还没有上传过" in page
        assert 'href="/import/template"' in page
        file = await clerk.get("/import/template")
        assert file.content == b"PK"
        assert file.headers["content-disposition"].endswith("a.xlsx")
        assert file.headers["content-type"] == XLSX


async def test_only_reporting_roles_may_import(stand_city: StandCity) -> None:
    city = await stand_city()
    for user in ("city", "province", "lead", "admin"):
        async with city.browser(user) as browser:
            for answer in (
                await browser.get("/import"),
                await browser.get("/import/template"),
                await browser.get(PAGE),
                await browser.get(f"{PAGE}/marked"),
                await browser.post("/import", files=FILE),
                await browser.post(f"{PAGE}/accept", data={"mode": "valid"}),
            ):
                assert answer.status_code == 403
            assert 'href="/import"' not in (await browser.get("/board")).text
    assert city.intake.asked == []


async def test_a_file_goes_to_intake_as_it_is_and_the_page_about_it_follows(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/workbooks"] = httpx.Response(201, json=upload())
    async with city.browser("zezhou") as clerk:
        declared = {"not_secret": "true"}
        answer = await clerk.post("/import", data=declared, files=FILE)
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        sent = city.intake.asked[-1]
        assert b'name="not_secret"\r\n\r\ntrue' in sent.content
        assert b"PK not really" in sent.content
        assert "泽州县4月.xlsx".encode() in sent.content
        assert sent.headers["Authorization"] == "Bearer intake:zezhou"
        by_script = await clerk.post("/import", files=FILE, headers={"HX-Request": "true"})
        assert (by_script.status_code, by_script.headers["hx-redirect"]) == (204, PAGE)


async def test_a_refused_file_is_refused_at_the_field_in_the_words_of_intake(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    detail = "这是 .xls 文件，请另存为 .xlsx 后再传。"
    city.intake.answers["POST", "/workbooks"] = httpx.Response(
        422, json={"title": "没有收下", "status": 422, "code": "not_xlsx", "detail": detail}
    )
    city.intake.answers["GET", "/workbooks"] = httpx.Response(200, json=[])
    async with city.browser("zezhou") as clerk:
        answer = await clerk.post("/import", files=FILE)
        assert answer.status_code == 422
        assert f'id="file-said" role="alert" tabindex="-1"><b>没有收下：</b>{detail}' in answer.text
        assert 'aria-invalid="true" aria-describedby="file-said file-hint"' in answer.text
        empty = await clerk.post("/import", data={"else": "x"}, files={"other": ("", b"")})
        assert empty.status_code == 422
        assert "还没有选文件" in empty.text


async def test_a_file_beyond_all_measure_is_not_passed_on(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.answers["GET", "/workbooks"] = httpx.Response(200, json=[])
    async with city.browser("zezhou") as clerk:
        huge = {"file": ("大.xlsx", b"\0" * (25 * 1024 * 1024), XLSX)}
        answer = await clerk.post("/import", files=huge)
    assert answer.status_code == 413
    assert "文件太大" in answer.text
    assert all(asked.method == "GET" for asked in city.intake.asked)


async def test_when_intake_is_silent_nothing_was_taken_in(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.silent = True
    async with city.browser("zezhou") as clerk:
        answer = await clerk.post("/import", files=FILE)
    assert answer.status_code == 503
    assert "请稍后再传一次，不会重复" in answer.text


async def test_the_file_is_told_as_understood_with_its_counts(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload())
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
    for text in (
        "“附件1”工作表，表头在第 3 行，金额按表头为万元",
        "隐藏的第 40 行也已读入。",
        "<dt>行</dt><dd>42</dd>",
        "58.37 亿元",
        "4 行要改，3 行要看",
        "尚未写入任何内容",
        "接收 36 行，4 行留待改正",
        "先改正这 4 行再传",
        "市发改委，限 3 个工作日",
        "HZ-201904-0117",
        "04-22 11:16 收到",
        "待你接收",
    ):
        assert text in page, text
    assert 'value="all"' not in page, "with wrong rows all or none cannot be had"


async def test_cells_are_marked_by_their_own_letters_in_the_order_of_the_file(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    lay_out(city.intake, upload())
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
        heads = "<td>B</td><td>D</td><td>E</td><td>F</td><td>G</td><td>AA</td><td>AB</td></tr>"
        assert heads in page
        assert '<th scope="col" class="num">总投资（万元）</th>' in page
        assert (
            '<td class="wrong"><span class="val">1.2亿元</span>'
            '<span class="msg"><b>F9</b> 这一列的单位是万元。请改。</span></td>' in page
        )
        assert '<td class="doubt"><span class="val">1000</span>' in page
        assert "示例项目40" not in page, "only rows with trouble at first"
        wrong = (await clerk.get(f"{PAGE}?show=hint")).text
        assert "示例项目23" in wrong
        assert "示例项目9" not in wrong
        assert "示例项目40" in (await clerk.get(f"{PAGE}?show=all")).text
        assert "示例项目40" in (await clerk.get(f"{PAGE}?show=unchanged")).text


async def test_without_letters_of_the_file_those_of_the_cells_are_shown(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    lay_out(city.intake, upload(columns={}))
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
    assert "<td></td><td></td><td></td><td>F</td><td>G</td><td></td><td>AB</td></tr>" in page


async def test_many_rows_come_in_pages(stand_city: StandCity) -> None:
    city = await stand_city()
    many = [row(number, "wrong", problem("name", "B", "重名。")) for number in range(4, 124)]
    lay_out(city.intake, upload(wrong=120), many)
    async with city.browser("zezhou") as clerk:
        first = (await clerk.get(PAGE)).text
        assert "第 1 页，共 3 页" in first
        assert "示例项目53" in first
        assert "示例项目54" not in first
        last = (await clerk.get(f"{PAGE}?page=99")).text
        assert "示例项目123" in last
        assert "第 3 页，共 3 页" in last


async def test_rows_without_trouble_are_not_read_again(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload(wrong=0, hinted=0, unchanged=0, acceptable=42))
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
    assert "没有要改的格" in page
    assert "接收 42 行" in page
    assert 'name="mode" value="all"' in page
    assert all(not asked.url.path.endswith("/rows") for asked in city.intake.asked)


async def test_the_same_again_offers_nothing_to_take_in(stand_city: StandCity) -> None:
    city = await stand_city()
    same = upload(wrong=0, hinted=0, acceptable=0, unchanged=42, total_investment=0)
    lay_out(city.intake, same)
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
    assert "42 行都与已报送的内容相同，不会再写" in page
    assert "/accept" not in page


async def test_a_file_goes_without_the_word_that_nothing_is_secret_if_nobody_said_it(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/workbooks"] = httpx.Response(201, json=upload())
    async with city.browser("zezhou") as clerk:
        await clerk.post("/import", files=FILE)
    assert b'name="not_secret"\r\n\r\nfalse' in city.intake.asked[-1].content


async def test_what_is_right_is_taken_in(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload())
    city.intake.answers["POST", f"{PATH}/accept"] = httpx.Response(202, json=upload())
    async with city.browser("zezhou") as clerk:
        answer = await clerk.post(f"{PAGE}/accept", data={"mode": "valid"})
        assert answer.headers["location"] == PAGE
    assert city.intake.bodies("POST", f"{PATH}/accept") == [{"mode": "valid"}]


async def test_all_or_none_is_refused_in_the_words_of_intake(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload())
    detail = "有 4 行有错，按“全部或都不”一行也没有接收。"
    city.intake.answers["POST", f"{PATH}/accept"] = httpx.Response(
        409, json={"title": "没有接收", "status": 409, "code": "rows_are_wrong", "detail": detail}
    )
    async with city.browser("zezhou") as clerk:
        answer = await clerk.post(f"{PAGE}/accept", data={"mode": "all"})
        assert answer.status_code == 409
        assert detail in answer.text


async def test_while_rows_are_taken_in_the_page_follows(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload(state="accepting", mode="valid", done=17))
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
        assert "已处理 <b>17</b> 行，共 36 行" in page
        assert "可以离开本页" in page
        assert '<progress max="36" value="17"' in page
        assert f'hx-get="{PAGE}?seen=accepting-17"' in page
        assert '<noscript><meta http-equiv="refresh"' in page
        seen = await clerk.get(f"{PAGE}?seen=accepting-17", headers={"HX-Request": "true"})
        assert seen.status_code == 204


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        (
            upload(
                state="accepted", done=36, result={"accepted": 36, "refused": [], "unchanged": 2}
            ),
            (
                "已接收 36 行，报送市发改委初审，限 3 个工作日。",
                "2 行无变化，没有再写。",
                "4 行有错，留待改正后再传。",
                'href="/projects?stage=SUBMITTED"',
            ),
        ),
        (
            upload(
                state="accepted",
                done=36,
                result={"accepted": 35, "refused": [{"number": 12, "why": "项目名称已被占用。"}]},
            ),
            ("已接收 35 行", "接收时没有成的 1 行", "项目名称已被占用。", "部分接收"),
        ),
        (
            upload(state="failed", result={"why": "原文件已过期。"}),
            ("<b>没有接收：</b>原文件已过期。", "改正后再传一次即可，不会重复"),
        ),
    ],
)
async def test_the_result_is_told_in_full(
    stand_city: StandCity, said: dict[str, object], texts: tuple[str, ...]
) -> None:
    city = await stand_city()
    lay_out(city.intake, said)
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
    for text in texts:
        assert text in page, text
    assert "尚未写入任何内容" not in page
    assert "hx-get" not in page


async def test_what_all_or_none_means_is_said_before_it_is_chosen(stand_city: StandCity) -> None:
    city = await stand_city()
    whole = {"wrong": 0, "hinted": 0, "unchanged": 0}
    lay_out(city.intake, upload(**whole, rows=500, acceptable=500))
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(PAGE)).text
        assert 'name="mode" value="all"' in page
        assert "整个文件一行也不写入，几个单位的行也一样" in page
        lay_out(city.intake, upload(**whole, rows=501, acceptable=501))
        page = (await clerk.get(PAGE)).text
    assert 'name="mode" value="all"' not in page
    assert "接收每 500 行写一次；中途有一行不成，其余照常接收" in page
    assert "一份文件最多 500 行，请分成几份再传" in page


async def test_after_its_term_the_page_says_that_the_file_is_gone(stand_city: StandCity) -> None:
    city = await stand_city()
    lay_out(city.intake, upload(), [])
    async with city.browser("zezhou") as clerk:
        assert "文件保留到 10-19 11:16" in (await clerk.get(PAGE)).text
        lay_out(city.intake, upload(kept_until=None))
        page = (await clerk.get(PAGE)).text
        assert "<b>文件已到期：</b>原文件、核对结果和标注文件已按规定删除" in page
        assert "<dt>行</dt><dd>42</dd>" in page
        assert "逐行的核对结果已到期删除" in page
        assert "到期未接收" in page
        for gone in ("下载标注文件", "/accept", "可以接收了", "待你接收"):
            assert gone not in page
        detail = "文件已按规定到期删除。还需要的，请重新上传。"
        problem = {"title": "文件已到期", "status": 410, "code": "file_expired", "detail": detail}
        city.intake.answers["GET", f"{PATH}/marked"] = httpx.Response(410, json=problem)
        city.intake.answers["POST", f"{PATH}/accept"] = httpx.Response(410, json=problem)
        refused = await clerk.get(f"{PAGE}/marked")
        assert (refused.status_code, detail in refused.text) == (410, True)
        sent = {"mode": "valid"}
        refused = await clerk.post(f"{PAGE}/accept", data=sent)
        assert (refused.status_code, detail in refused.text) == (410, True)


async def test_another_unit_s_upload_looks_absent(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as clerk:
        for path in (PAGE, f"{PAGE}/marked", "/import/nonsense"):
            assert (await clerk.get(path)).status_code == 404


async def test_the_marked_file_comes_under_its_name(stand_city: StandCity) -> None:
    city = await stand_city()
    name = "attachment; filename*=UTF-8''%E6%B3%BD.xlsx"
    city.intake.answers["GET", f"{PATH}/marked"] = httpx.Response(
        200, content=b"PK marked", headers={"Content-Disposition": name}
    )
    async with city.browser("zezhou") as clerk:
        answer = await clerk.get(f"{PAGE}/marked")
    assert answer.content == b"PK marked"
    assert answer.headers["content-disposition"] == name
