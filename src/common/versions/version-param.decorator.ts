import { ApiParam } from '@nestjs/swagger';

/** Documents the version that a path names. */
export const VersionParam = () =>
  ApiParam({
    name: 'version',
    schema: { type: 'integer', format: 'int64', minimum: 0, example: 1 },
    description: 'The number of a version.',
  });
