/* What answers on a port that does not speak HTTP/1.1 to a plain request. */

const HTTP2_FRAME_HEADER_BYTES = 9;
const HTTP2_SETTINGS = 4;
const TLS_ALERT = 0x15;
const TLS_MAJOR_VERSION = 3;

/** Bytes of a 400 answer's body that are looked at. */
export const MAX_TELLING_BYTES = 512;
/** Go's net/http and nginx say so in plain HTTP. */
const TLS_PHRASES = ['HTTP request to an HTTPS server', 'plain HTTP request was sent to HTTPS port'];

/**
 * What the first bytes of an answer say of a server that does not speak HTTP/1: words for a person. Undefined when they may be the
 * start of an HTTP/1 answer. An HTTP/2 server, and gRPC is one, begins with a SETTINGS frame of at most some dozens of bytes on
 * stream 0 (RFC 9113, 3.4 and 6.5); a TLS server answers what is no ClientHello with an alert record (RFC 8446, 5.1).
 */
export function otherProtocol(first: Uint8Array): string | undefined {
  if (first.length === 0 || startsLikeHttp(first)) return undefined;
  const [b0, b1, , type, , s0, s1, s2, s3] = first;
  const onStreamZero = s0 === 0 && s1 === 0 && s2 === 0 && s3 === 0;
  if (first.length >= HTTP2_FRAME_HEADER_BYTES && b0 === 0 && b1 === 0 && type === HTTP2_SETTINGS && onStreamZero)
    return 'gRPC or HTTP/2 only';
  if (b0 === TLS_ALERT && b1 === TLS_MAJOR_VERSION) return 'TLS';
  return 'not HTTP';
}

/** Whether the body of a 400 answer says that the port wants TLS. */
export function saysItWantsTls(body: Uint8Array): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  return TLS_PHRASES.some((phrase) => text.includes(phrase));
}

const HTTP = Buffer.from('HTTP/');

function startsLikeHttp(first: Uint8Array): boolean {
  const length = Math.min(first.length, HTTP.length);
  return HTTP.subarray(0, length).equals(first.subarray(0, length));
}
