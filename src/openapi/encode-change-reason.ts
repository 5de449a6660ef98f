interface PageRequest {
  headers: Record<string, string | undefined>;
}

/**
 * Encodes a reason that a browser could not send in a header as it is (RFC 8187). The page gets the source text of this
 * function, so it must not refer to anything outside itself.
 */
export function encodeChangeReason(request: PageRequest): PageRequest {
  const reason = request.headers['Change-Reason'];
  if (reason !== undefined && !/^(?!utf-8')[ -~]*$/i.test(reason)) {
    request.headers['Change-Reason'] = `UTF-8''${encodeURIComponent(reason)}`;
  }
  return request;
}
