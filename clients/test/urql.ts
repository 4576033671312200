// The shopper's front end as a web developer would build it: urql, with ids instead of texts, and graphql-ws for what is live.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client, fetchExchange, subscriptionExchange, type AnyVariables, type OperationResult, type TypedDocumentNode } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { parse, type DocumentNode } from "graphql";
import { createClient as createSocket, type Client as Socket } from "graphql-ws";
import WebSocket from "ws";
import type { Operation, Subscription } from "../client.js";
import { apps, graphql } from "./people.js";

const manifest = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, { id: string; body: string } | undefined>
>;

function operationName(document: DocumentNode): string {
  for (const definition of document.definitions) {
    if (definition.kind === "OperationDefinition" && definition.name) return definition.name.value;
  }
  throw new Error("the document has no named operation");
}

function shopperDocument(name: string): { id: string; body: string } {
  const found = manifest.STOREFRONT?.[name];
  assert.ok(found, name);
  return found;
}

/** The text behind a generated operation, with its types, for libraries that want a document. */
export function documentOf<Result, Variables>(
  operation: Operation<Result, Variables> | Subscription<Result, Variables>,
): TypedDocumentNode<Result, Variables extends AnyVariables ? Variables : AnyVariables> {
  const { id, body } = shopperDocument(operation.name);
  assert.equal(id, operation.id);
  return parse(body) as ReturnType<typeof documentOf<Result, Variables>>;
}

export function openSocket(token: () => string | undefined): Socket {
  return createSocket({
    url: graphql.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: () => ({ authorization: `Bearer ${token()}`, app: apps.storefront }),
    retryAttempts: 0,
  });
}

export function shopperClient(token: () => string | undefined, socket: Socket, language?: string): Client {
  return new Client({
    url: graphql,
    exchanges: [
      persistedExchange({
        enforcePersistedQueries: true,
        enableForMutation: true,
        enableForSubscriptions: true,
        generateHash: async (_, document) => shopperDocument(operationName(document)).id,
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, {
              next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
              error: (failure) => sink.error(failure),
              complete: () => sink.complete(),
            }),
          }),
        }),
      }),
    ],
    fetchOptions: () => {
      const headers: Record<string, string> = { "Dongxiao-App": apps.storefront };
      const bearer = token();
      if (bearer) headers.Authorization = `Bearer ${bearer}`;
      if (language) headers["Accept-Language"] = language;
      return { headers };
    },
  });
}

/** The result's data; a top-level error fails the test. */
export function dataOf<Result, Variables extends AnyVariables>(result: OperationResult<Result, Variables>): Result {
  if (result.error) throw result.error;
  assert.ok(result.data);
  return result.data;
}
