// The journey of a coupon, through each front end's client: the marketer makes it, the shopper claims it, the clerk redeems it, and the
// shopper hears of it live.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError, subscribePayload, type Client, type Operation } from "../client.js";
import * as console_ from "../console/generated.js";
import * as staff from "../staff/generated.js";
import * as storefront from "../storefront/generated.js";
import { apps, fresh, freshPhone, loginCode, miniProgram, phoneCode, webPage } from "./people.js";
import { dataOf, documentOf, openSocket, shopperClient } from "./urql.js";

const amount = 2_000;
const threshold = 10_000;
const purchase = 29_900;
const hour = 3_600_000;

const codes = (payload: { userErrors: { code: string }[] }): string[] => payload.userErrors.map(({ code }) => code);

/** Signs an employee in to the staff app; gives the client and what the server says about the viewer. */
async function signInStaff(user: string): Promise<{ client: Client; storeId: string }> {
  const code = await loginCode(apps.staff, user);
  const { signIn } = await miniProgram(apps.staff)(staff.SignIn, { input: { app: apps.staff, code, device: "story" } });
  assert.deepEqual(codes(signIn), []);
  const client = miniProgram(apps.staff, () => signIn.tokens?.accessToken);
  const { viewer } = await client(staff.Me);
  const place = viewer.staff[0];
  assert.ok(place, `${user} works nowhere`);
  return { client, storeId: place.org.id };
}

/** The administrator's client on the console, signed in by QR code. */
async function administrator(): Promise<Client> {
  const stranger = webPage(apps.console);
  const { consoleSignInStart } = await stranger(console_.ConsoleSignInStart, { input: { app: apps.console, device: "review" } });
  assert.ok(consoleSignInStart.signIn);
  const { qrText, secret } = consoleSignInStart.signIn;
  const { client: phone } = await signInStaff("admin");
  await phone(staff.ConsoleSignInConfirm, { input: { qrText } });
  const { consoleSignInComplete } = await stranger(console_.ConsoleSignInComplete, { input: { secret } });
  return webPage(apps.console, () => consoleSignInComplete.tokens?.accessToken);
}

async function refused(request: Promise<unknown>): Promise<RequestError> {
  const error = await request.then(
    () => assert.fail("the request was not refused"),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof RequestError, String(error));
  return error;
}

test("the journey of a coupon", { timeout: 60_000 }, async (t) => {
  const user = fresh("story");
  let token: string | undefined;
  let refreshToken = "";
  const socket = openSocket(() => token);
  t.after(() => socket.dispose());
  const shopper = shopperClient(() => token, socket);
  const shopperInEnglish = shopperClient(() => token, socket, "en");
  let templateId = "";
  let couponId = "";
  let redemptionId = "";
  let lastSequence = 0;

  await t.test("the marketer signs in to the console by QR code and makes a coupon", async () => {
    const stranger = webPage(apps.console);
    const { consoleSignInStart } = await stranger(console_.ConsoleSignInStart, { input: { app: apps.console, device: "story" } });
    assert.ok(consoleSignInStart.signIn);
    const { qrText, secret } = consoleSignInStart.signIn;
    const early = await stranger(console_.ConsoleSignInComplete, { input: { secret } });
    assert.deepEqual(codes(early.consoleSignInComplete), ["CONSOLE_SIGN_IN_PENDING"]);

    const { client: phone } = await signInStaff("marketer");
    const { consoleSignInConfirm } = await phone(staff.ConsoleSignInConfirm, { input: { qrText } });
    assert.deepEqual(consoleSignInConfirm, { device: "story", userErrors: [] });
    const { consoleSignInComplete } = await stranger(console_.ConsoleSignInComplete, { input: { secret } });
    assert.deepEqual(codes(consoleSignInComplete), []);
    const again = await stranger(console_.ConsoleSignInComplete, { input: { secret } });
    assert.equal(again.consoleSignInComplete.tokens, null);

    const marketer = webPage(apps.console, () => consoleSignInComplete.tokens?.accessToken);
    const { viewer } = await marketer(console_.Me);
    assert.equal(viewer.app.face, "CONSOLE");
    const org = viewer.staff[0]?.org;
    assert.ok(org);
    const { couponTemplateCreate } = await marketer(console_.CouponTemplateCreate, {
      input: {
        orgId: org.id,
        name: "满100减20",
        description: "",
        amount,
        threshold,
        scopeOrgIds: [],
        totalStock: 10,
        memberLimit: 1,
        claimStartsAt: new Date(Date.now() - hour).toISOString(),
        claimEndsAt: new Date(Date.now() + hour).toISOString(),
        validityKind: "AFTER_CLAIM",
        validDays: 7,
        delayDays: 0,
        idempotencyKey: fresh("template"),
      },
    });
    assert.deepEqual(codes(couponTemplateCreate), []);
    const template = couponTemplateCreate.template;
    assert.ok(template);
    assert.equal(template.state, "DRAFT");
    assert.equal(template.rule.summary, "满100减20");
    const { couponTemplateSubmit } = await marketer(console_.CouponTemplateSubmit, { input: { id: template.id, version: template.version } });
    const version = couponTemplateSubmit.template?.version;
    assert.ok(version);
    const input = { id: template.id, version, approve: true, reason: "" };
    const alone = await marketer(console_.CouponTemplateReview, { input });
    assert.deepEqual(codes(alone.couponTemplateReview), ["REVIEWER_IS_SUBMITTER"]);
    const { couponTemplateReview } = await (await administrator())(console_.CouponTemplateReview, { input });
    assert.equal(couponTemplateReview.template?.state, "ACTIVE");
    templateId = template.id;
  });

  await t.test("the shopper signs in, once for a code that is sent twice", async () => {
    const code = await loginCode(apps.storefront, user);
    const input = { app: apps.storefront, code, device: "story" };
    const first = dataOf(await shopper.mutation(documentOf(storefront.SignIn), { input }).toPromise()).signIn;
    const second = dataOf(await shopper.mutation(documentOf(storefront.SignIn), { input }).toPromise()).signIn;
    assert.deepEqual(codes(first), []);
    assert.ok(first.tokens);
    assert.equal(second.tokens?.refreshToken, first.tokens.refreshToken);
    ({ accessToken: token, refreshToken } = first.tokens);
  });

  await t.test("the shopper binds a phone and becomes a member", async () => {
    const code = await phoneCode(apps.storefront, user, freshPhone());
    const { phoneBind } = dataOf(
      await shopper.mutation(documentOf(storefront.PhoneBind), { input: { code, idempotencyKey: fresh("phone") } }).toPromise(),
    );
    assert.deepEqual(codes(phoneBind), []);
    const { tokenRefresh } = dataOf(await shopper.mutation(documentOf(storefront.TokenRefresh), { input: { refreshToken } }).toPromise());
    assert.deepEqual(codes(tokenRefresh), []);
    token = tokenRefresh.tokens?.accessToken;
    const { viewer } = dataOf(await shopper.query(documentOf(storefront.MyProfile), {}).toPromise());
    assert.equal(viewer.member?.state, "REGISTERED");
  });

  await t.test("the shopper sees the home in one round trip", async () => {
    const near = { latitude: 25.04, longitude: 102.71, system: "GCJ02" as const };
    const home = dataOf(await shopper.query(documentOf(storefront.Home), { near }).toPromise());
    assert.equal(home.brand.name, "云岭春酒业");
    assert.equal(home.nearbyStores.length, 1);
    assert.equal(home.products.nodes.length, 10);
    assert.ok(home.page);
    assert.equal(home.viewer.member?.walletBalance, 0);
    assert.ok(home.claimableCoupons.nodes.length > 0);
  });

  await t.test("the shopper claims the coupon: the same one for the same key, and no other", async () => {
    const claim = (client: typeof shopper, idempotencyKey: string) =>
      client.mutation(documentOf(storefront.CouponClaim), { input: { templateId, idempotencyKey } }).toPromise();
    const key = fresh("claim");
    const first = dataOf(await claim(shopper, key)).couponClaim;
    assert.deepEqual(codes(first), []);
    assert.ok(first.coupon);
    couponId = first.coupon.id;
    assert.equal(first.coupon.rule.amount, amount);
    assert.equal(dataOf(await claim(shopper, key)).couponClaim.coupon?.id, couponId);

    const chinese = dataOf(await claim(shopper, fresh("claim"))).couponClaim;
    const english = dataOf(await claim(shopperInEnglish, fresh("claim"))).couponClaim;
    assert.deepEqual([codes(chinese), codes(english)], [["LIMIT_REACHED"], ["LIMIT_REACHED"]]);
    assert.match(chinese.userErrors[0]?.message ?? "", /上限/);
    assert.match(english.userErrors[0]?.message ?? "", /limit/);
  });

  await t.test("the clerk previews and redeems it, and the shopper hears of it at once", async () => {
    const events = socket.iterate<storefront.MemberEventsSubscription>(subscribePayload(storefront.MemberEvents, { afterSequence: 0 }));
    const { client: clerk, storeId } = await signInStaff("clerk");
    const memberCode = async (): Promise<string> => {
      const { memberCodeIssue } = dataOf(await shopper.mutation(documentOf(storefront.MemberCode), {}).toPromise());
      assert.ok(memberCodeIssue.code);
      return memberCodeIssue.code.digits;
    };
    const digits = await memberCode();
    const { redemptionPreview } = await clerk(staff.RedemptionPreview, { input: { memberCode: digits, storeId, purchase } });
    assert.deepEqual(codes(redemptionPreview), []);
    const option = redemptionPreview.options.find(({ coupon }) => coupon.id === couponId);
    assert.deepEqual([option?.redeemable, option?.discount], [true, amount]);

    const input = { memberCode: digits, storeId, couponIds: [couponId], purchase, idempotencyKey: fresh("redeem") };
    const { redemptionConfirm } = await clerk(staff.RedemptionConfirm, { input });
    assert.deepEqual(codes(redemptionConfirm), []);
    const redeemed = redemptionConfirm.results[0]?.redemption;
    assert.ok(redeemed);
    redemptionId = redeemed.id;
    assert.equal(redeemed.discount, amount);
    assert.equal((await clerk(staff.RedemptionConfirm, { input })).redemptionConfirm.results[0]?.redemption?.id, redemptionId);
    const twice = await clerk(staff.RedemptionConfirm, { input: { ...input, memberCode: await memberCode(), idempotencyKey: fresh("redeem") } });
    assert.deepEqual(codes(twice.redemptionConfirm), ["COUPON_ALREADY_USED"]);

    for await (const { data, errors } of events) {
      assert.equal(errors, undefined);
      assert.ok(data);
      const { kind, coupon, redemption, sequence } = data.memberEvents;
      assert.equal(sequence, lastSequence + 1, "events have no gaps");
      lastSequence = sequence;
      if (kind !== "COUPON_REDEEMED") continue;
      assert.deepEqual([coupon?.id, coupon?.state, redemption?.id, redemption?.store.id], [couponId, "USED", redemptionId, storeId]);
      break;
    }
  });

  await t.test("what happens while the socket is lost is told when it is back, through urql too", async () => {
    socket.terminate();
    const { client: owner } = await signInStaff("owner");
    const { redemptionReverse } = await owner(staff.RedemptionReverse, { input: { id: redemptionId, reason: "顾客改变主意" } });
    assert.deepEqual(codes(redemptionReverse), []);
    assert.equal(redemptionReverse.redemption?.state, "REVERSED");

    const back = openSocket(() => token);
    try {
      const event = await new Promise<storefront.MemberEventsSubscription>((resolve, reject) => {
        const { unsubscribe } = shopperClient(() => token, back)
          .subscription(documentOf(storefront.MemberEvents), { afterSequence: lastSequence })
          .subscribe(({ data, error }) => {
            if (error) return reject(error);
            if (!data) return;
            resolve(data);
            setImmediate(() => unsubscribe());
          });
      });
      const { kind, coupon, sequence } = event.memberEvents;
      assert.deepEqual([kind, coupon?.id, coupon?.state, sequence], ["COUPON_RETURNED", couponId, "EFFECTIVE", lastSequence + 1]);
    } finally {
      await back.dispose();
    }
    const missed = dataOf(await shopper.query(documentOf(storefront.MissedEvents), { afterSequence: lastSequence }).toPromise());
    assert.deepEqual(missed.viewer.events.nodes.map(({ kind }) => kind), ["COUPON_RETURNED"]);
  });

  await t.test("whole requests are refused in the language of the request", async () => {
    const chinese = await refused(miniProgram(apps.storefront)(storefront.MyProfile));
    const english = await refused(miniProgram(apps.storefront, undefined, "en-GB,en;q=0.9")(storefront.MyProfile));
    assert.deepEqual([chinese.code, chinese.message], ["UNAUTHENTICATED", "请先登录。"]);
    assert.deepEqual([english.code, english.message], ["UNAUTHENTICATED", "Please sign in first."]);

    const signedIn = miniProgram(apps.storefront, () => token);
    assert.equal((await refused(signedIn(staff.RedemptionReverse, { input: { id: redemptionId, reason: "mine" } }))).code, "FORBIDDEN");
    assert.equal((await refused(miniProgram(apps.staff, () => token)(staff.Me))).code, "APP_MISMATCH");
    const unknown: Operation<object, object> = { id: "0".repeat(64), name: "Unknown" };
    assert.equal((await refused(signedIn(unknown))).code, "PERSISTED_QUERY_NOT_FOUND");
  });

  await t.test("a session that was ended is over, and its socket is refused", async () => {
    const client = miniProgram(apps.storefront, () => token);
    const { signOut } = await client(storefront.SignOut);
    assert.deepEqual(codes(signOut), []);
    assert.equal((await refused(client(storefront.Me))).code, "SESSION_REVOKED");
    const late = openSocket(() => token);
    await assert.rejects(late.iterate(subscribePayload(storefront.MemberEvents)).next(), (reason: { code?: number }) => reason.code === 4403);
    await late.dispose();
  });
});
