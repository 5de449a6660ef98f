import { readFileSync } from 'node:fs';

export interface Stage {
  /** The base image, as the instruction has it. */
  readonly from: string;
  readonly copies: readonly { readonly isFromBuild: boolean; readonly sources: string[]; readonly target: string }[];
  readonly variables: Readonly<Record<string, string>>;
  readonly command: string[];
  readonly healthCheck: string[];
}

const list = (json = '[]') => JSON.parse(json) as string[];

/** The stages of the Dockerfile, the one that builds and the one that is the image. */
export function readDockerfile(): Stage[] {
  const text = readFileSync('Dockerfile', 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, '');
  return text
    .split(/^FROM /m)
    .slice(1)
    .map((stage) => ({
      from: /^\S+/.exec(stage)![0],
      copies: [...stage.matchAll(/^COPY (--from=build )?(.+) (\S+)$/gm)].map(([, from, sources, target]) => ({
        isFromBuild: from !== undefined,
        sources: sources!.split(' '),
        target: target!,
      })),
      variables: Object.fromEntries(
        [...stage.matchAll(/^ENV (.+)$/gm)].flatMap(([, line]) => line!.split(' ').map((pair) => pair.split('='))),
      ) as Record<string, string>,
      command: list(/^CMD (.+)$/m.exec(stage)?.[1]),
      healthCheck: list(/^HEALTHCHECK .*?CMD (.+)$/m.exec(stage)?.[1]),
    }));
}
