// The people of the story: each has a phone with the simulated WeChat and the front end's client.
import { strict as assert } from "node:assert";
import { randomBytes, randomInt } from "node:crypto";
import { createClient, type Client, type Transport } from "../client.js";
import { wechatTransport, type WeChatRequest } from "../wechat.js";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} names the server to test: run npm test`);
  return value;
}

export const graphql = `${setting("DONGXIAO_TEST_URL")}/graphql`;
const control = setting("DONGXIAO_TEST_CONTROL");

/** WeChat app ids of the demo brand. */
export const apps = { storefront: "wx00000000demo0001", staff: "wx00000000demo0004", console: "wx00000000demo0005" };

/** A name or key that no run before had. */
export const fresh = (prefix: string): string => `${prefix}-${randomBytes(8).toString("hex")}`;

/** A phone number that the demo gave nobody. */
export const freshPhone = (): string => `1${randomInt(9e9, 1e10)}`;

async function order(path: string, body: object): Promise<{ code: string }> {
  const answer = await fetch(control + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return (await answer.json()) as { code: string };
}

/** What wx.login gives the user. */
export const loginCode = async (app: string, user: string): Promise<string> => (await order("/codes", { appid: app, user })).code;

/** What the getPhoneNumber button gives the user. */
export const phoneCode = async (app: string, user: string, phone: string): Promise<string> =>
  (await order("/phone-codes", { appid: app, user, phone })).code;

/** wx.request, carried by fetch. */
const wxRequest: WeChatRequest = ({ url, method, data, header, timeout, success, fail }) => {
  fetch(url, { method, body: data, headers: header, signal: AbortSignal.timeout(timeout) })
    .then(async (answer) => success({ statusCode: answer.status, data: await answer.text() }))
    .catch((failure: unknown) => fail({ errMsg: `request:fail ${String(failure)}` }));
};

const webTransport: Transport = async (body, headers) => {
  const answer = await fetch(graphql, { method: "POST", body, headers });
  return { status: answer.status, text: await answer.text() };
};

/** A mini-program's client. The language is the server's default where none is named. */
export const miniProgram = (app: string, token?: () => string | undefined, language?: string): Client =>
  createClient({ transport: wechatTransport(wxRequest, graphql), app, token, language });

/** A web page's client. */
export const webPage = (app: string, token?: () => string | undefined, language?: string): Client =>
  createClient({ transport: webTransport, app, token, language });
