import type { Transport } from "./client.js";

/** The part of wx.request that is used. */
export interface WeChatRequest {
  (options: {
    url: string;
    method: "POST";
    data: string;
    header: Record<string, string>;
    dataType: "text";
    timeout: number;
    success: (answer: { statusCode: number; data: unknown }) => void;
    fail: (failure: { errMsg: string }) => void;
  }): unknown;
}

/** Carries requests in a mini-program: wechatTransport(wx.request, "https://api.example.cn/graphql"). */
export function wechatTransport(request: WeChatRequest, url: string, timeout = 10_000): Transport {
  return (body, header) =>
    new Promise((resolve, reject) => {
      request({
        url,
        method: "POST",
        data: body,
        header,
        dataType: "text", // anything but json leaves the text alone
        timeout,
        success: ({ statusCode, data }) => resolve({ status: statusCode, text: String(data) }),
        fail: ({ errMsg }) => reject(new Error(errMsg)),
      });
    });
}
