import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

export interface Posted {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

const ANSWER_LENGTH_MAX = 64 * 1024;

/**
 * Posts JSON over one kept connection. An exchange under way does not keep the process alive unless `hold` was
 * called: `fetch` cannot promise that, and so is not used.
 */
export class HttpPost {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #agent: HttpAgent | HttpsAgent;
  #socket: Socket | undefined;
  #isHeld = false;

  constructor(url: URL, headers: Readonly<Record<string, string>>, timeoutMs: number) {
    this.#url = url;
    this.#headers = headers;
    this.#timeoutMs = timeoutMs;
    const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** From now on the process waits for what is under way: somebody awaits it. */
  hold(): void {
    this.#isHeld = true;
    this.#socket?.ref();
  }

  release(): void {
    this.#isHeld = false;
    this.#socket?.unref();
  }

  /** Never rejects. */
  post(body: string): Promise<Posted> {
    return this.#exchange(Buffer.from(body));
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(body: Buffer): Promise<Posted> {
    return new Promise((resolve) => {
      const lost = () => resolve({ status: 0, body: '', retryAfterMs: undefined });
      const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
      const headers = { ...this.#headers, 'content-type': 'application/json', 'content-length': body.length };
      const outgoing = request(this.#url, { method: 'POST', agent: this.#agent, headers, timeout: this.#timeoutMs });
      outgoing.on('socket', (socket) => {
        this.#socket = socket;
        if (!this.#isHeld) socket.unref();
      });
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', lost);
      outgoing.on('response', (response) => readAnswer(response, resolve, lost));
      outgoing.end(body);
    });
  }
}

function readAnswer(response: IncomingMessage, resolve: (posted: Posted) => void, lost: () => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    if (body.length < ANSWER_LENGTH_MAX) body += part;
  });
  response.on('error', lost);
  response.on('close', lost); // after `end` this does nothing: a promise settles once
  response.on('end', () => {
    const seconds = Number(response.headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
    resolve({ status: response.statusCode ?? 0, body, retryAfterMs });
  });
}
