/** Problems: read from any answer, sorted into those that pass and those that do not. */
import { expect, test } from "vitest";
import { Problem, problemOf } from "../../src/shared/problem";

const answer = (status: number, body: string, headers: Record<string, string> = {}): Response =>
  new Response(body, { status, headers });

test("it reads problem+json", async () => {
  const body = { code: "invalid", detail: "Too long.", errors: [{ field: "message", message: "At most 10." }], limit: 10 };
  const problem = await problemOf(answer(422, JSON.stringify(body)));
  expect(problem).toMatchObject({ status: 422, code: "invalid", detail: "Too long.", passing: false, sentence: "At most 10." });
  expect(problem.extra.limit).toBe(10);
});

test.each(["", "<html>502</html>", "null", "[]"])("it survives the body %j", async (body) => {
  const problem = await problemOf(answer(502, body));
  expect(problem).toMatchObject({ status: 502, code: "", sentence: "", passing: true });
});

test("it reads how long to wait", async () => {
  expect((await problemOf(answer(429, "{}", { "Retry-After": "12" }))).retryAfter).toBe(12);
});

test.each([
  [0, true],
  [401, false],
  [404, false],
  [409, false],
  [422, false],
  [429, true],
  [500, true],
  [503, true],
])("status %i passes: %s", (status, passing) => {
  expect(new Problem(status).passing).toBe(passing);
});
