// The run-time part of the clients: it sends an operation's id with its variables and needs neither a GraphQL parser nor a particular
// platform. See wechat.ts for mini-programs; anywhere else a transport is three lines around fetch.

/** One operation of a front end, by the id under which the server knows it. Made by the generator only. */
export interface Operation<Result, Variables> {
  readonly id: string;
  readonly name: string;
  readonly live?: false;
  /** Never there at run time: it ties the types to the operation. */
  readonly types?: (variables: Variables) => Result;
}

/** A subscription: for a socket of graphql-ws (see subscribePayload), not for a client. */
export interface Subscription<Result, Variables> {
  readonly id: string;
  readonly name: string;
  readonly live: true;
  readonly types?: (variables: Variables) => Result;
}

/** Posts a body to /graphql. It rejects only where no answer came. */
export type Transport = (body: string, headers: Record<string, string>) => Promise<{ status: number; text: string }>;

export interface ClientOptions {
  transport: Transport;
  /** WeChat app id of the front end. */
  app: string;
  /** The access token in force; asked before every request. */
  token?: () => string | undefined;
  /** Language of messages: "zh-CN", the server's default, or "en". */
  language?: string;
}

/** The server refused the whole request. Refusals of business are not errors: they are in the result's userErrors. */
export class RequestError extends Error {
  constructor(
    /** What happened, such as TOKEN_EXPIRED; BAD_ANSWER where the answer was not the server's. */
    readonly code: string,
    message: string,
    readonly status: number,
    /** Names the request in the server's log. */
    readonly requestId?: string,
  ) {
    super(message);
    this.name = "RequestError";
  }
}

/** Variables may be left out where all of them may be. */
export type Arguments<Variables> = {} extends Variables ? [variables?: Variables] : [variables: Variables];

export type Client = <Result, Variables>(operation: Operation<Result, Variables>, ...variables: Arguments<Variables>) => Promise<Result>;

export function createClient({ transport, app, token, language }: ClientOptions): Client {
  return async <Result, Variables>(operation: Operation<Result, Variables>, ...[variables]: Arguments<Variables>): Promise<Result> => {
    const headers: Record<string, string> = {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
      "Dongxiao-App": app,
    };
    const bearer = token?.();
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    if (language) headers["Accept-Language"] = language;
    const { status, text } = await transport(JSON.stringify({ id: operation.id, operationName: operation.name, variables }), headers);
    let answer: { data?: Result | null; errors?: { message: string; extensions?: { code?: string; requestId?: string } }[] } | null = null;
    try {
      answer = JSON.parse(text);
    } catch {
      // Told below, as is JSON that is no answer of GraphQL.
    }
    const error = answer?.errors?.[0];
    if (error) throw new RequestError(error.extensions?.code ?? "INTERNAL", error.message, status, error.extensions?.requestId);
    if (!answer?.data) throw new RequestError("BAD_ANSWER", `HTTP ${status}`, status);
    return answer.data;
  };
}

/** What graphql-ws sends for a subscription: its id instead of its text. */
export function subscribePayload<Result, Variables extends Record<string, unknown>>(
  subscription: Subscription<Result, Variables>,
  ...[variables]: Arguments<Variables>
): { query: string; operationName: string; variables: Variables | undefined; extensions: Record<string, unknown> } {
  return {
    query: "",
    operationName: subscription.name,
    variables,
    extensions: { persistedQuery: { version: 1, sha256Hash: subscription.id } },
  };
}
