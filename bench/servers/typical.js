/**
 * What most teams write: NestJS on Express, passport-jwt, TypeORM repositories. A request loads the user and the member
 * with its organization; a change also loads the document, with a lock on its row, merges it in JavaScript and saves
 * it, all in a transaction. It keeps no history, has no feature beyond the routes, and rounds numbers as JavaScript
 * does. Its queries name their columns and use primary keys, its key is a `KeyObject`, and it logs nothing: it is a
 * good one of its kind.
 *
 * The decorators are called as functions, as the TypeScript compiler would have it.
 */
import 'reflect-metadata';
import { createSecretKey } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  HttpCode,
  Inject,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Post,
  Put,
  Req,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExpressAdapter } from '@nestjs/platform-express';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { EntitySchema, IsNull } from 'typeorm';

const { DATABASE_URL, HOST, JWT_SECRET, PORT } = process.env;

const WRITING_ROLES = [254, 255];
const NOT_ASSOCIATED = 'User not associated with any organization';

const varchar = (options) => ({ type: 'varchar', nullable: true, ...options });
const deletedAt = { name: 'deleted_at', type: 'timestamptz', nullable: true };
const updatedAt = { name: 'updated_at', type: 'timestamptz', updateDate: true };
const version = { type: 'bigint' };

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: {
    id: { type: 'varchar', primary: true },
    organizationId: { name: 'organization_id', type: 'uuid', nullable: true },
    deletedAt,
  },
});

const Organization = new EntitySchema({
  name: 'Organization',
  tableName: 'organizations',
  columns: {
    id: { type: 'uuid', primary: true },
    name: varchar({ nullable: false }),
    domain: varchar(),
    address1: varchar(),
    address2: varchar(),
    city: varchar(),
    zipcode: varchar(),
    phone: varchar(),
    state: varchar(),
    country: varchar(),
    website: varchar(),
    isBusiness: { name: 'is_business', type: 'boolean' },
    mfaEnforced: { name: 'mfa_enforced', type: 'boolean' },
    reposDisabled: { name: 'repos_disabled', type: 'boolean' },
    version,
    deletedAt,
    updatedAt,
  },
});

const Member = new EntitySchema({
  name: 'Member',
  tableName: 'members',
  columns: {
    organizationId: { name: 'organization_id', type: 'uuid', primary: true },
    userId: { name: 'user_id', type: 'varchar', primary: true },
    role: { type: 'smallint' },
    deletedAt,
  },
  relations: {
    organization: { type: 'many-to-one', target: 'Organization', joinColumn: { name: 'organization_id' } },
  },
});

const OrganizationSettings = new EntitySchema({
  name: 'OrganizationSettings',
  tableName: 'organization_settings',
  columns: {
    organizationId: { name: 'organization_id', type: 'uuid', primary: true },
    settings: { type: 'jsonb' },
    version,
    // Equal to the version: else the service would first keep what it finds, each time.
    historyVersion: { name: 'history_version', type: 'bigint' },
    updatedAt,
  },
});

class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: createSecretKey(JWT_SECRET, 'utf8'),
      algorithms: ['HS256'],
    });
  }

  validate({ sub }) {
    return { id: sub };
  }
}
decorate(JwtStrategy, [Injectable()]);

class MembershipService {
  constructor(users, members) {
    this.users = users;
    this.members = members;
  }

  async find(userId) {
    const user = await this.users.findOneBy({ id: userId, deletedAt: IsNull() });
    if (!user?.organizationId) throw new NotFoundException(NOT_ASSOCIATED);
    // With findOne, TypeORM would first ask for the ids, in a query of its own.
    const [member] = await this.members.find({
      where: { organizationId: user.organizationId, userId, deletedAt: IsNull() },
      relations: { organization: true },
    });
    if (member === undefined || member.organization.deletedAt !== null) throw new NotFoundException(NOT_ASSOCIATED);
    return member;
  }

  async findWriter(userId) {
    const member = await this.find(userId);
    if (!WRITING_ROLES.includes(member.role)) throw new ForbiddenException('Insufficient permissions');
    return member;
  }
}
decorate(MembershipService, [Injectable(), inject(getRepositoryToken(User), getRepositoryToken(Member))]);

class SettingsService {
  constructor(memberships, settings) {
    this.memberships = memberships;
    this.settings = settings;
  }

  async read(userId) {
    const { organizationId } = await this.memberships.find(userId);
    return (await this.settings.findOneBy({ organizationId }))?.settings ?? {};
  }

  async change(userId, changed) {
    const { organizationId } = await this.memberships.findWriter(userId);
    await this.settings.manager.transaction(async (manager) => {
      const settings = manager.getRepository(OrganizationSettings);
      const found = await settings.findOneOrFail({ where: { organizationId }, lock: { mode: 'pessimistic_write' } });
      found.settings = changed(found.settings);
      found.version = found.historyVersion = String(Number(found.version) + 1);
      await settings.save(found);
    });
  }
}
decorate(SettingsService, [Injectable(), inject(MembershipService, getRepositoryToken(OrganizationSettings))]);

class SettingsController {
  constructor(settings) {
    this.settings = settings;
  }

  async read(request) {
    return { success: true, settings: await this.settings.read(request.user.id) };
  }

  async replace(request, { settings }) {
    await this.settings.change(request.user.id, () => settings);
    return { success: true, message: 'Organization settings updated successfully' };
  }

  async update(request, patch) {
    await this.settings.change(request.user.id, (settings) => merged(settings, patch));
    return { success: true, message: 'Organization settings partially updated successfully' };
  }

  async deleteKeys(request, { keys }) {
    await this.settings.change(request.user.id, (settings) => withoutKeys(settings, keys));
    return { success: true, message: 'Organization settings keys deleted successfully' };
  }
}
decorate(SettingsController, [
  Controller('settings/organization'),
  UseGuards(AuthGuard('jwt')),
  inject(SettingsService),
]);
decorateRoute(SettingsController, 'read', [Get()], [Req()]);
decorateRoute(SettingsController, 'replace', [Post(), HttpCode(200)], [Req(), Body()]);
decorateRoute(SettingsController, 'update', [Put()], [Req(), Body()]);
decorateRoute(SettingsController, 'deleteKeys', [Delete()], [Req(), Body()]);

/** The properties that may be changed, by the names that the API has for them. */
const FIELDS = {
  name: 'name',
  address1: 'address1',
  address2: 'address2',
  city: 'city',
  zipcode: 'zipcode',
  phone: 'phone',
  state: 'state',
  country: 'country',
  is_business: 'isBusiness',
  mfaEnforced: 'mfaEnforced',
};

class OrganizationController {
  constructor(memberships, organizations) {
    this.memberships = memberships;
    this.organizations = organizations;
  }

  async update(request, id, body) {
    const { organizationId } = await this.memberships.findWriter(request.user.id);
    if (organizationId !== id) throw new ForbiddenException('Insufficient permissions');
    const changed = await this.organizations.manager.transaction(async (manager) => {
      const organizations = manager.getRepository(Organization);
      const found = await organizations.findOneOrFail({ where: { id }, lock: { mode: 'pessimistic_write' } });
      for (const [name, property] of Object.entries(FIELDS)) {
        if (body[name] !== undefined) found[property] = body[name];
      }
      found.version = String(Number(found.version) + 1);
      return organizations.save(found);
    });
    return { success: true, data: responseOf(changed), message: 'Organization updated successfully' };
  }
}
decorate(OrganizationController, [
  Controller('organization'),
  UseGuards(AuthGuard('jwt')),
  inject(MembershipService, getRepositoryToken(Organization)),
]);
decorateRoute(OrganizationController, 'update', [Put(':id')], [Req(), Param('id'), Body()]);

class AppModule {}
decorate(AppModule, [
  Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: DATABASE_URL,
        poolSize: 8,
        entities: [User, Organization, Member, OrganizationSettings],
      }),
      TypeOrmModule.forFeature([User, Organization, Member, OrganizationSettings]),
    ],
    controllers: [SettingsController, OrganizationController],
    providers: [JwtStrategy, MembershipService, SettingsService],
  }),
]);

const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: ['error', 'warn'] });
await app.listen(Number(PORT), HOST);

function merged(target, patch) {
  if (!isObject(target) || !isObject(patch)) return patch;
  const result = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    result[name] = Object.hasOwn(target, name) ? merged(target[name], value) : value;
  }
  return result;
}

function withoutKeys(settings, keys) {
  return keys.reduce((rest, key) => without(rest, Object.hasOwn(settings, key) ? [key] : pathOf(key)), settings);
}

function without(target, [name, ...path]) {
  if (!isObject(target) || !Object.hasOwn(target, name)) return target;
  const { [name]: found, ...others } = target;
  return path.length === 0 ? others : { ...target, [name]: without(found, path) };
}

/** Split at dots; `\.` is a dot and `\\` a backslash. */
function pathOf(key) {
  return key.match(/(?<=^|\.)(?:\\[.\\]|[^.])*/g).map((step) => step.replace(/\\([.\\])/g, '$1'));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function responseOf(organization) {
  return {
    id: organization.id,
    name: organization.name,
    domain: organization.domain,
    address1: organization.address1,
    address2: organization.address2,
    city: organization.city,
    zipcode: organization.zipcode,
    phone: organization.phone,
    state: organization.state,
    country: organization.country,
    deletedAt: organization.deletedAt,
    reposDisabled: organization.reposDisabled,
    website: organization.website,
    is_business: organization.isBusiness,
    mfaEnforced: organization.mfaEnforced,
  };
}

function decorate(target, decorators) {
  Reflect.decorate(decorators, target);
}

function decorateRoute({ prototype }, name, decorators, parameters) {
  for (const [index, decorator] of parameters.entries()) decorator(prototype, name, index);
  Reflect.decorate(decorators, prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}

/** What the constructor gets. */
function inject(...tokens) {
  return (target) => tokens.forEach((token, index) => Inject(token)(target, undefined, index));
}
