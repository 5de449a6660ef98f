import { Module } from '@nestjs/common';
import { PolicyJudge } from './policy-judge.js';
import { PolicySandbox } from './policy-sandbox.js';

/** What policies say, and which settings follow from all layers. */
@Module({
  providers: [PolicyJudge, { provide: PolicySandbox, useFactory: () => new PolicySandbox() }],
  exports: [PolicyJudge],
})
export class LayersModule {}
