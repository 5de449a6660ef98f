import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { DemoService } from './demo.service.js';

@Module({ imports: [AdminModule], providers: [DemoService] })
export class DemoModule {}
