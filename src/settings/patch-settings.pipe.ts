import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { MERGE_PATCH_TYPE, mediaTypeOf, PATCH_TYPES } from '../common/http/body-parser.js';
import { readJsonText } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import type { Content } from './content.js';
import { jsonPatchOf, mergePatchOf } from './read-change.js';
import type { SettingsChange } from './settings-change.js';

interface TypedBody {
  readonly mediaType: string | undefined;
  readonly body: Buffer | undefined;
}

/** A body with its media type, which says how it is meant. */
export const BodyWithMediaType = createParamDecorator((_: unknown, context: ExecutionContext): TypedBody => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { mediaType: mediaTypeOf(request), body: request.body as Buffer | undefined };
});

/** Takes a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902) as it is, digit for digit. */
@Injectable()
export class PatchSettingsPipe implements PipeTransform<TypedBody, SettingsChange> {
  protected readonly content: Content = 'settings';

  constructor(private readonly environment: Environment) {}

  transform({ mediaType, body }: TypedBody): SettingsChange {
    const text = readJsonText(body);
    if (mediaType === undefined) throw new InvalidInputError(`the body must be ${PATCH_TYPES.join(' or ')}`);
    const read = mediaType === MERGE_PATCH_TYPE ? mergePatchOf : jsonPatchOf;
    return read(text, this.content, this.environment);
  }
}

/** The same for a policy. */
@Injectable()
export class PatchPolicyPipe extends PatchSettingsPipe {
  protected override readonly content = 'policy';
}
