/** What the pages about the knowledge decide without drawing anything. */
import { describe, expect, test } from "vitest";
import type { DocumentDetail, DocumentVersion } from "../../src/app/api/knowledge-shapes";
import { audienceFits, audienceName, tierNamed, tierOf } from "../../src/app/knowledge/audience";
import { diffLines, withWords } from "../../src/app/knowledge/diff";
import { filterOf, quickOf } from "../../src/app/knowledge/filters";
import { daysUntil, freshness } from "../../src/app/knowledge/freshness";
import { inTheWay } from "../../src/app/knowledge/saving";
import { settingsOf, sourceFaults, typedOf } from "../../src/app/knowledge/sourceKinds";
import { emptyFields, fieldsOf, lacking, marked } from "../../src/app/knowledge/writing";

test("an audience is one of three or a tier by its name", () => {
  expect(tierOf("tier:gold")).toBe("gold");
  expect(tierOf("staff")).toBeNull();
  expect(audienceName("tier:gold")).toBe("Tier gold");
  expect(tierNamed(" Gold ")).toBe("tier:gold");
  expect(["public", "tier:gold", "tier:", "tier:a b"].map(audienceFits)).toEqual([true, true, false, false]);
});

describe("freshness", () => {
  const now = Date.parse("2026-06-01T12:00:00Z");
  const row = (review_due_at: string, stale = false, live_version: number | null = 1) => freshness({ live_version, stale, review_due_at }, now);
  test("tells stale, soon and fresh", () => {
    expect(row("2026-05-30T12:00:00Z", true)).toBe("stale");
    expect(row("2026-06-10T12:00:00Z")).toBe("soon");
    expect(row("2026-09-01T12:00:00Z")).toBe("fresh");
    expect(row("2026-05-30T12:00:00Z", true, null)).toBe("none");
  });
  test("counts whole days", () => {
    expect(daysUntil("2026-06-03T13:00:00Z", now)).toBe(2);
    expect(daysUntil("2026-05-30T12:00:00Z", now)).toBe(-2);
  });
});

describe("the list's filters", () => {
  const of = (query: string) => filterOf(new URLSearchParams(query));
  test("what an address cannot mean is left out", () => {
    expect(of("status=odd&kind=none&stale=maybe&q=tent")).toEqual({ q: "tent", status: null, source: null, kind: null, owner: null, stale: null });
  });
  test("a short way is known by what it stands for", () => {
    expect(["", "stale=true", "owner=me", "status=review", "status=ready", "stale=true&owner=me"].map((query) => quickOf(of(query)))).toEqual(["all", "stale", "mine", "review", null, null]);
  });
});

describe("writing", () => {
  test("what is missing is named", () => {
    expect(Object.keys(lacking(emptyFields))).toEqual(["title", "body"]);
    expect(Object.keys(lacking({ ...emptyFields, title: "a", body: "b", audience: "tier:" }))).toEqual(["audience"]);
  });
  test("a draft's text is edited instead of what answers", () => {
    const document = { title: "now", body: "now", audience: "public", category: null, source_url: null } as DocumentDetail;
    const version = { title: "then", body: "then", audience: "staff", category: "x" } as DocumentVersion;
    expect(fieldsOf(document, version)).toMatchObject({ title: "then", body: "then", audience: "staff", category: "x" });
    expect(fieldsOf(document).body).toBe("now");
  });
  test.each([
    ["bold", "a **b** c", "b"],
    ["code", "a `b` c", "b"],
    ["heading", "## a b c", "b"],
    ["list", "- a b c", "b"],
  ] as const)("%s is put around what is selected, which stays so", (mark, text, chosen) => {
    const done = marked({ text: "a b c", from: 2, to: 3 }, mark);
    expect(done.text).toBe(text);
    expect(done.text.slice(done.from, done.to)).toContain(chosen);
  });
  test("a link's address is selected", () => {
    const done = marked({ text: "shop", from: 0, to: 4 }, "link");
    expect(done.text.slice(done.from, done.to)).toBe("https://");
  });
});

describe("two who change one article", () => {
  const version = (n: number, release_id: string | null = null) => ({ version: n, release_id }) as DocumentVersion;
  test("meet in the newest that is not another draft's", () => {
    const versions = [version(1), version(2), version(3, "rel_b")];
    expect(inTheWay(versions, null, 1)?.version).toBe(2);
    expect(inTheWay(versions, { id: "rel_b", title: "B" }, 1)?.version).toBe(3);
    expect(inTheWay(undefined, null, 1)).toBeUndefined();
  });
});

describe("changed words", () => {
  test("are marked where a line took the place of one much like it", () => {
    const [old, fresh] = withWords(diffLines("It costs €9 in every store.", "It costs €12 in every store."));
    expect(old?.parts?.filter((part) => part.kind === "removed").map((part) => part.text)).toEqual(["9"]);
    expect(fresh?.parts?.filter((part) => part.kind === "added").map((part) => part.text)).toEqual(["12"]);
    expect(fresh?.parts?.map((part) => part.text).join("")).toBe("It costs €12 in every store.");
  });
  test("are not where two lines have nothing in common", () => {
    expect(withWords(diffLines("Tents are dry.", "Open on Sundays")).every((line) => line.parts === undefined)).toBe(true);
  });
});

describe("a source's settings", () => {
  test("are read from what is typed and shown again", () => {
    const settings = settingsOf("confluence", { url: " https://x.example/wiki ", spaces: "HELP\n\n OPS ", email: "" });
    expect(settings).toEqual({ url: "https://x.example/wiki", spaces: ["HELP", "OPS"] });
    expect(typedOf(settings)).toEqual({ url: "https://x.example/wiki", spaces: "HELP\nOPS" });
  });
  test("what the page does not know stays", () => {
    expect(settingsOf("site", { url: "https://x.example/", pages: "20" }, { depth: 3, pages: 9 })).toEqual({ depth: 3, url: "https://x.example/", pages: 20 });
  });
  test("name what is wrong", () => {
    expect(Object.keys(sourceFaults("site", { url: "", pages: "many" }))).toEqual(["url", "pages"]);
    expect(Object.keys(sourceFaults("sitemap", { url: "example" }))).toEqual(["url"]);
    expect(sourceFaults("folder", { path: "/srv/docs" })).toEqual({});
  });
});
