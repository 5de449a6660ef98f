/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-argument --
   a document is broken here in ways that no type allows */
import { describe, expect, it } from 'vitest';
import { type ApiDocument, breakingChanges } from '../support/breaking-changes.js';
import { openApiDocument } from '../support/openapi-document.js';

const released = openApiDocument<ApiDocument>('test/contract/released.openapi.json');
const current = openApiDocument<ApiDocument>();

/** What the document says more exactly than the last release, which never accepted anything else. */
const CORRECTIONS = [
  /^POST \/systemevent: body\.(context|event) has another type: integer or string$/,
  /^POST \/systemevent: body\.(skip|take) has another type: integer$/,
  /^(POST|DELETE) \/systemevent\/read: body\.(id|ids\[\]) has another type: integer$/,
];

describe('the OpenAPI document beside that of the last release', () => {
  it('breaks no client', () => {
    const changes = breakingChanges(released, current);
    expect(changes.filter((change) => !CORRECTIONS.some((correction) => correction.test(change)))).toStrictEqual([]);
  });
});

describe('a client would notice', () => {
  const PATH = '/settings/user';
  const changed = (change: (document: ReturnType<typeof copy>) => void) => {
    const document = copy();
    change(document);
    return breakingChanges(current, document);
  };
  const copy = (): any => structuredClone(current);

  it.each<[string, (document: any) => unknown, string]>([
    ['a path that is gone', ({ paths }) => delete paths['/metrics'], 'GET /metrics is gone'],
    ['an operation that is gone', ({ paths }) => delete paths[PATH].put, `PUT ${PATH} is gone`],
    [
      'another operation id',
      ({ paths }) => (paths[PATH].get.operationId = 'x'),
      `GET ${PATH} has another operation id`,
    ],
    [
      'a parameter that is gone',
      ({ paths }) => (paths[PATH].get.parameters = paths[PATH].get.parameters.slice(1)),
      `GET ${PATH}: parameter ${current.paths[PATH]!['get']!.parameters![0]!.name} is gone`,
    ],
    [
      'a parameter that is required',
      ({ paths }) => paths[PATH].get.parameters.push({ name: 'new', in: 'query', required: true }),
      `GET ${PATH}: parameter new is required`,
    ],
    [
      'a status that is gone',
      ({ paths }) => delete paths[PATH].get.responses['304'],
      `GET ${PATH}: status 304 is gone`,
    ],
    [
      'a header that is gone',
      ({ paths }) => delete paths[PATH].get.responses['200'].headers.ETag,
      `GET ${PATH}: 200 has no header ETag`,
    ],
    [
      'a media type that is gone',
      ({ paths }) => delete paths[PATH].patch.requestBody.content['application/merge-patch+json'],
      `PATCH ${PATH}: body: application/merge-patch+json is gone`,
    ],
    [
      'a member that is gone',
      ({ components }) => delete components.schemas.SystemEventDto.properties.id,
      'POST /systemevent: 200.events[]: member id is gone',
    ],
    [
      'a member of another type',
      ({ components }) => (components.schemas.SystemEventDto.properties.id.type = 'string'),
      'POST /systemevent: 200.events[].id has another type: string',
    ],
    [
      'a member that may be missing',
      ({ components }) => components.schemas.GetSettingsResponseDto.required.pop(),
      `GET ${PATH}: 200: member settings is optional`,
    ],
    [
      'a member that is required',
      ({ components }) => (components.schemas.UpdateOrganizationDto.required = ['city']),
      'PUT /organization/{orgId}: body: member city is required',
    ],
    [
      'a value that is not taken any more',
      ({ components }) => components.schemas.QueryEventsDto.properties.event.oneOf.pop(),
      'POST /systemevent: body.event has another type: integer',
    ],
  ])('%s', (_, change, problem) => {
    expect(changed(change)).toContain(problem);
  });

  it('nothing that is only new', () => {
    const document = copy() as ApiDocument & { paths: Record<string, object> };
    document.paths['/new'] = {};
    expect(breakingChanges(current, document)).toStrictEqual([]);
  });
});
