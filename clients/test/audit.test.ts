// The GraphQL-over-HTTP specification, as the audits of graphql-http understand it: no error and no warning. A notice is about what the
// specification leaves open; ours are about GET, which takes persisted operations only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { auditServer } from "graphql-http";
import { graphql } from "./people.js";

test("GraphQL over HTTP", async (t) => {
  const results = await auditServer({ url: graphql, fetchFn: fetch });
  assert.ok(results.length >= 61, `${results.length} audits`);
  const told = results.flatMap((r) => (r.status === "ok" ? [] : [{ status: r.status, text: `${r.status}: ${r.name}: ${r.reason}` }]));
  const notices = told.filter(({ status }) => status === "notice");
  t.diagnostic(`${results.length} audits, ${notices.length} notices`);
  for (const { text } of notices) t.diagnostic(text);
  assert.deepEqual(told.filter(({ status }) => status !== "notice").map(({ text }) => text), []);
});
