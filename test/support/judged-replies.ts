import { DocumentedReplies, type JudgedReply, type ReplyDocument } from './documented-replies.js';
import { openApiDocument } from './openapi-document.js';
import { keepProblem } from './reply-problems.js';

let documented: DocumentedReplies | undefined;

/**
 * Judges a reply of the service by the committed OpenAPI document. What is wrong is kept and not thrown, because some
 * tests expect requests to fail; `test/contract/setup.ts` fails the test.
 */
export function judge(method: string, target: string, reply: JudgedReply): void {
  documented ??= new DocumentedReplies(openApiDocument<ReplyDocument>());
  const problem = documented.problemOf(method, target, reply);
  if (problem !== undefined) keepProblem(problem);
}

/** `fetch` of a client of the service, whose replies are judged. */
export const judgedFetch: typeof fetch = async (...request) => {
  const response = await fetch(...request);
  const { method, url } = new Request(...request);
  judge(method, new URL(url).pathname, {
    status: response.status,
    mediaType: response.headers.get('content-type') ?? undefined,
    text: await response.clone().text(),
  });
  return response;
};
