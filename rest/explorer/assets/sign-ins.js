// The demo sign-ins (演示身份): fetched from the server, renewed when their tokens expire, and kept out of the
// browser's storage (there each token is replaced by a name, which is exchanged for the present token on reading).
"use strict";

const signIns = {
  graphqlPath: "/graphql",
  websocketPath: "/graphql",
  list: [],
  failure: "",
  names: new Map(), // every token seen since the page was opened → the name of its sign-in
  renewing: null,

  async load() {
    try {
      const response = await fetch("/explorer/sign-ins.json", { cache: "no-store" });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const answer = await response.json();
      this.graphqlPath = answer.graphqlPath;
      this.websocketPath = answer.websocketPath;
      this.list = answer.signIns;
      this.failure = "";
      for (const signIn of this.list) if (signIn.token) this.names.set(signIn.token, nameOf(signIn));
    } catch (error) {
      this.failure = error.message;
    }
  },

  // One fetch however many tabs find out at once that their tokens are old.
  renew() {
    this.renewing ??= this.load().finally(() => { this.renewing = null; });
    return this.renewing;
  },

  headers(signIn) {
    const authorization = signIn.token ? { Authorization: `Bearer ${signIn.token}` } : {};
    return JSON.stringify({ ...authorization, "Dongxiao-App": signIn.appId }, null, 2);
  },

  // The sign-in whose token, old or present, stands in the text of a tab's headers; without a token, the visitor of its app.
  of(headers) {
    for (const [token, name] of this.names) {
      if (headers?.includes(token)) return this.list.find((signIn) => nameOf(signIn) === name);
    }
    return this.list.find((signIn) => !signIn.token && headers?.includes(JSON.stringify(signIn.appId)));
  },

  // The text with old tokens replaced by the present ones.
  refresh(text) {
    return this.expand(this.conceal(text));
  },

  conceal(text) {
    for (const [token, name] of this.names) text = text.replaceAll(token, `<token ${name}>`);
    return text;
  },

  expand(text) {
    for (const signIn of this.list) if (signIn.token) text = text.replaceAll(`<token ${nameOf(signIn)}>`, signIn.token);
    return text;
  },
};

// The name must survive JSON encoding unchanged, so that it is found again in stored text.
function nameOf(signIn) {
  return encodeURIComponent(`${signIn.face} ${signIn.appId} ${signIn.title}`);
}

// A tab as GraphiQL keeps it.
function tabFor(signIn, operation) {
  return {
    id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    hash: "",
    title: operation.name,
    query: operation.document,
    variables: withFreshKeys(operation.variables ?? ""),
    headers: signIns.headers(signIn),
    operationName: operation.name,
    response: null,
  };
}

// Every opened example gets its own idempotency keys, otherwise a second try would only repeat the first answer.
function withFreshKeys(variables) {
  if (variables.trim() === "") return "";
  const fresh = JSON.parse(variables, (key, value) =>
    key === "idempotencyKey" ? [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16).padStart(8, "0")).join("") : value);
  return JSON.stringify(fresh, null, 2);
}

function defaultTabs() {
  const tabs = signIns.list.filter((signIn) => signIn.operations.length > 0)
    .map((signIn) => tabFor(signIn, signIn.operations[0]));
  if (tabs.length > 0) return tabs;
  const visitor = { appId: "", token: "" };
  return [{ ...tabFor(visitor, { name: "Hello", document: "query Hello {\n  __typename\n}\n" }), headers: "" }];
}

// The storage handed to GraphiQL: the browser's, with tokens concealed, and with the tabs made here the first time.
// GraphiQL reads the open editors' contents apart from the tabs; they are answered from the active tab, since otherwise
// it opens an untitled tab at every reload.
const storage = {
  prefix: "graphiql:",
  plugin: "演示身份 Demo sign-ins",

  tabState() {
    const stored = localStorage.getItem(this.prefix + "tabState");
    if (stored) {
      const text = signIns.expand(stored);
      try {
        const state = JSON.parse(text);
        if (!text.includes("<token ") && state.tabs[state.activeTabIndex]) return state;
      } catch { /* written by another version: start afresh */ }
    }
    return { activeTabIndex: 0, tabs: defaultTabs() };
  },

  getItem(key) {
    const state = () => (this.first ??= this.tabState());
    switch (key.slice(this.prefix.length)) {
      case "tabState":
        return JSON.stringify(state());
      case "query": case "variables": case "headers":
        return state().tabs[state().activeTabIndex][key.slice(this.prefix.length)] ?? "";
      case "visiblePlugin":
        return localStorage.getItem(key) ?? this.plugin;
    }
    const value = localStorage.getItem(key);
    return value === null ? null : signIns.expand(value);
  },
  setItem(key, value) {
    if (signIns.failure) return; // the page shows a substitute; the tabs of before stay for the next load
    localStorage.setItem(key, signIns.conceal(value));
  },
  removeItem(key) {
    localStorage.removeItem(key);
  },
  clear() {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(this.prefix)) localStorage.removeItem(key);
    }
  },
  get length() {
    return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix)).length;
  },
};
