// The page: GraphiQL, its fetcher, and the list of demo sign-ins beside it.
"use strict";

const { createElement: h, useLayoutEffect, useState } = React;
const { useEditorContext } = GraphiQL.React;

const authenticationCodes = ["TOKEN_EXPIRED", "UNAUTHENTICATED", "SESSION_REVOKED"];
const renewed = new EventTarget();

function isAuthenticationFailure(errors) {
  return Array.isArray(errors) && errors.some((error) => authenticationCodes.includes(error?.extensions?.code));
}

// A socket is refused with 4403 and the code as the reason, also when the token expires while it is open.
function isSocketRefused(event) {
  return event?.code === 4401 || event?.code === 4403;
}

// Fetches the sign-ins anew and gives the headers with the present token, or null where that changes nothing.
async function renewHeaders(headers) {
  const before = JSON.stringify(headers ?? {});
  if (!signIns.of(before)) return null;
  await signIns.renew();
  renewed.dispatchEvent(new Event("renewed"));
  const after = signIns.refresh(before);
  return after === before ? null : JSON.parse(after);
}

async function post(body, headers) {
  const response = await fetch(signIns.graphqlPath, {
    method: "POST",
    headers: { Accept: "application/graphql-response+json, application/json;q=0.9", "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `HTTP ${response.status} ${response.statusText}` }] };
  }
}

async function run(body, headers) {
  const answer = await post(body, headers);
  // Nothing was carried out if there is no data, so that a second try is safe for mutations too.
  if (!answer.data && isAuthenticationFailure(answer.errors)) {
    const fresh = await renewHeaders(headers);
    if (fresh) return post(body, fresh);
  }
  return answer;
}

// A subscription over graphql-transport-ws, as the observable that GraphiQL expects. One socket for each, closed with it.
function subscribe(body, headers) {
  return {
    subscribe(observer) {
      let stopped = false;
      let client;
      let mayRenew = true; // once for each time the socket was accepted, so that a server that refuses all is not asked for ever
      const open = (present) => {
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        client = graphqlWs.createClient({
          url: `${scheme}//${location.host}${signIns.websocketPath}`,
          connectionParams: { authorization: present?.Authorization, app: present?.["Dongxiao-App"] },
          shouldRetry: (event) => !isSocketRefused(event),
          on: { connected: () => { mayRenew = true; } },
        });
        client.subscribe(body, {
          next: (result) => observer.next(result),
          complete: () => { client.dispose(); observer.complete(); },
          error: async (reason) => {
            client.dispose();
            if (stopped) return;
            if (mayRenew && (isSocketRefused(reason) || isAuthenticationFailure(reason))) {
              mayRenew = false;
              const fresh = await renewHeaders(present);
              if (fresh && !stopped) return open(fresh);
            }
            observer.error(readable(reason));
          },
        });
      };
      open(headers);
      return { unsubscribe() { stopped = true; client.dispose(); } };
    },
  };
}

// What GraphiQL can show: it prints an error's enumerable fields, and a close event has none of its own.
function readable(reason) {
  if (Array.isArray(reason)) return { errors: reason };
  if (typeof reason?.code === "number") return { message: `连接已关闭 · Socket closed: ${reason.code} ${reason.reason}` };
  return { message: reason?.message || "连接失败 · The socket could not be opened" };
}

function fetcher({ query, variables, operationName }, options) {
  const body = { query, variables, operationName };
  let operation;
  try {
    operation = GraphiQL.GraphQL.getOperationAST(GraphiQL.GraphQL.parse(query), operationName);
  } catch { /* the server says what is wrong with it */ }
  return operation?.operation === "subscription" ? subscribe(body, options?.headers) : run(body, options?.headers);
}

function operationKind(document) {
  return /^\s*(query|mutation|subscription)\b/m.exec(document.replace(/^\s*#.*$/gm, ""))?.[1] ?? "query";
}

// The list of the sign-ins with the documented operations of each one's face.
function SignInsPanel() {
  const editor = useEditorContext({ nonNull: true });
  const [, repaint] = useState(0);
  const active = signIns.of(editor.headerEditor?.getValue() ?? editor.tabs[editor.activeTabIndex]?.headers);

  const open = (signIn, operation) => {
    const index = editor.tabs.findIndex((tab) => tab.query === operation.document && signIns.of(tab.headers) === signIn);
    if (index >= 0) {
      editor.changeTab(index);
      return;
    }
    editor.moveTab([...editor.tabs, tabFor(signIn, operation)]);
    editor.changeTab(editor.tabs.length);
  };
  const actAs = (signIn) => editor.headerEditor?.setValue(signIns.headers(signIn));
  const reload = async () => {
    await signIns.renew();
    renewed.dispatchEvent(new Event("renewed"));
    repaint((n) => n + 1);
  };
  const reset = () => {
    storage.clear();
    location.reload();
  };

  return h("section", { className: "explorer-sign-ins", "aria-label": storage.plugin },
    h("header", null,
      h("h2", null, "演示身份", h("small", null, "Demo sign-ins")),
      h("p", null, "点一个操作，以该身份打开标签页。令牌十五分钟有效，过期自动更换。"),
      h("p", { lang: "en" }, "Pick an operation to open it in a tab as that person. Tokens live 15 minutes and are renewed by themselves."),
      h("div", { className: "explorer-actions" },
        h("button", { type: "button", onClick: reload }, "更换令牌 Renew tokens"),
        h("button", { type: "button", onClick: reset }, "恢复标签 Reset tabs"))),
    signIns.failure && h("p", { className: "explorer-failure", role: "alert" },
      `演示身份载入失败 · The demo sign-ins could not be loaded: ${signIns.failure}`),
    !signIns.failure && signIns.list.length === 0 && h("p", { className: "explorer-failure" },
      "没有演示身份：数据库里没有演示品牌。 · There are no demo sign-ins: the database has no demo brand."),
    signIns.list.map((signIn) => h("details", { key: nameOf(signIn), open: signIn === active, "data-active": signIn === active || undefined },
      h("summary", null, h("span", { className: "explorer-face", "data-face": signIn.face }, signIn.face), h("b", null, signIn.title)),
      h("div", { className: "explorer-app" },
        h("code", null, signIn.appId),
        h("button", { type: "button", onClick: () => actAs(signIn), title: "Put this sign-in's headers into the open tab" }, "用于此标签 Use here")),
      h("ul", null, signIn.operations.map((operation) => h("li", { key: operation.name },
        h("button", { type: "button", onClick: () => open(signIn, operation) },
          h("span", { className: "explorer-kind", "data-kind": operationKind(operation.document) }, operationKind(operation.document)),
          h("span", { className: "explorer-name" }, operation.name),
          operation.description && h("span", { className: "explorer-description" }, operation.description))))))));
}

// Stands in the corner of the page, where it is always mounted: says on each tab whose it is (GraphiQL names tabs after
// their operation and leaves no room for more), and puts renewed tokens into the headers of the tabs.
function Corner() {
  const editor = useEditorContext({ nonNull: true });
  useLayoutEffect(() => {
    editor.tabs.forEach((tab, index) => {
      const button = document.getElementById(`graphiql-session-tab-${index}`);
      const signIn = signIns.of(tab.headers);
      if (!button) return;
      button.dataset.person = signIn ? signIn.title.split(" · ")[0] : "";
      button.dataset.face = signIn?.face ?? "";
      button.title = signIn ? signIn.title : "";
    });
  });
  useLayoutEffect(() => {
    document.getElementById(`graphiql-session-tab-${editor.activeTabIndex}`)?.closest("li")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [editor.activeTabIndex, editor.tabs.length]);
  useLayoutEffect(() => {
    const refresh = () => {
      // In place: replacing the tabs would put the old contents back into the editors.
      for (const tab of editor.tabs) if (tab.headers) tab.headers = signIns.refresh(tab.headers);
      const text = editor.headerEditor?.getValue() ?? "";
      const fresh = signIns.refresh(text);
      if (fresh !== text) editor.headerEditor.setValue(fresh);
    };
    renewed.addEventListener("renewed", refresh);
    return () => renewed.removeEventListener("renewed", refresh);
  });
  return h("span", { className: "explorer-brand" }, "动销", h("small", null, "dongxiao"));
}

function SignInsIcon() {
  return h("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.7, "aria-hidden": true },
    h("circle", { cx: 9, cy: 8, r: 3.5 }),
    h("path", { d: "M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6" }),
    h("path", { d: "M16 5.2a3.3 3.3 0 0 1 0 6.2M18.2 14.6c2 .8 3.3 2.7 3.3 5.4" }));
}

const signInsPlugin = { title: storage.plugin, icon: SignInsIcon, content: SignInsPanel };

signIns.load().then(() => {
  ReactDOM.createRoot(document.getElementById("explorer")).render(
    h(GraphiQL, {
      fetcher,
      storage,
      plugins: [signInsPlugin],
      shouldPersistHeaders: true,
      defaultEditorToolsVisibility: true,
      inputValueDeprecation: true,
      schemaDescription: true,
    }, h(GraphiQL.Logo, null, h(Corner))));
});
