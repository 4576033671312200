// The run-time part alone: what it sends, and what it makes of the answers that a network may bring.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, RequestError, subscribePayload, type Transport } from "../client.js";
import { CouponClaim, Me, MemberEvents } from "../storefront/generated.js";
import { wechatTransport } from "../wechat.js";

const input = { templateId: "cpt_1", idempotencyKey: "12345678" };

function answering(status: number, text: string): { transport: Transport; sent: { body: unknown; headers: Record<string, string> }[] } {
  const sent: { body: unknown; headers: Record<string, string> }[] = [];
  return {
    sent,
    transport: async (body, headers) => {
      sent.push({ body: JSON.parse(body), headers });
      return { status, text };
    },
  };
}

test("an operation goes by its id, with the token and language in force", async () => {
  const { transport, sent } = answering(200, '{"data": {"couponClaim": {"coupon": null, "userErrors": []}}}');
  let token: string | undefined;
  const client = createClient({ transport, app: "wx1", token: () => token, language: "en" });
  assert.deepEqual(await client(CouponClaim, { input }), { couponClaim: { coupon: null, userErrors: [] } });
  token = "t";
  await client(CouponClaim, { input });
  const [first, second] = sent;
  assert.deepEqual(first?.body, { id: CouponClaim.id, operationName: "CouponClaim", variables: { input } });
  assert.match(CouponClaim.id, /^[0-9a-f]{64}$/);
  assert.equal(first?.headers.Authorization, undefined);
  assert.deepEqual(second?.headers, { ...first?.headers, Authorization: "Bearer t" });
  assert.deepEqual([first?.headers["Dongxiao-App"], first?.headers["Accept-Language"]], ["wx1", "en"]);
});

test("refusals and what is no answer are told apart", async () => {
  const rows: [status: number, text: string, code: string, message: string][] = [
    [200, '{"data": null, "errors": [{"message": "请先登录。", "extensions": {"code": "UNAUTHENTICATED"}}]}', "UNAUTHENTICATED", "请先登录。"],
    [400, '{"errors": [{"message": "no code"}]}', "INTERNAL", "no code"],
    [502, "<html>Bad Gateway</html>", "BAD_ANSWER", "HTTP 502"],
    [200, "", "BAD_ANSWER", "HTTP 200"],
    [200, "null", "BAD_ANSWER", "HTTP 200"],
    [200, '{"data": null}', "BAD_ANSWER", "HTTP 200"],
    [200, "[]", "BAD_ANSWER", "HTTP 200"],
  ];
  for (const [status, text, code, message] of rows) {
    const client = createClient({ transport: answering(status, text).transport, app: "wx1" });
    await assert.rejects(client(Me), (error) => {
      assert.ok(error instanceof RequestError);
      assert.deepEqual([error.code, error.message, error.status], [code, message, status]);
      return true;
    });
  }
});

test("a mini-program's request that fails is told", async () => {
  const transport = wechatTransport(({ fail }) => fail({ errMsg: "request:fail timeout" }), "https://api.example.cn/graphql");
  await assert.rejects(createClient({ transport, app: "wx1" })(Me), /request:fail timeout/);
});

test("a subscription goes by its id too", () => {
  assert.deepEqual(subscribePayload(MemberEvents, { afterSequence: 3 }), {
    query: "",
    operationName: "MemberEvents",
    variables: { afterSequence: 3 },
    extensions: { persistedQuery: { version: 1, sha256Hash: MemberEvents.id } },
  });
});

// What the compiler must refuse. Never run.
export async function mistakes(): Promise<void> {
  const client = createClient({ transport: answering(200, "").transport, app: "wx1" });
  // @ts-expect-error The input is missing.
  await client(CouponClaim);
  // @ts-expect-error The key is missing.
  await client(CouponClaim, { input: { templateId: "cpt_1" } });
  // @ts-expect-error No such variable.
  await client(Me, { first: 1 });
  // @ts-expect-error A subscription needs a socket.
  await client(MemberEvents, { afterSequence: 1 });
  // @ts-expect-error No such code.
  (await client(CouponClaim, { input })).couponClaim.userErrors.some(({ code }) => code === "NO_SUCH_CODE");
}
