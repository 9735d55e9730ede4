import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { strict } from '../../base/settings/strict.ts'
import { checkedBy, demandOwn, parseConfigText, readConfigText } from './config.ts'
import { isLoopback } from './loopback.ts'
import { natsServer } from './schema.ts'

/** The tenant of a receiver with only one owner. */
export const ONE_TENANT = '00000000-0000-0000-0000-000000000000'

export type ReceiverConfig = z.output<ReturnType<typeof receiverSchema>>

/**
 * Configuration of the receiver. Without a name it is `receiver.json` of the working directory, else SQLite
 * in `./receiver` on 127.0.0.1:7080; root refuses a file of another user there. Throws ConfigError.
 */
export function readReceiverConfig(name: string | undefined): ReceiverConfig {
  const file = resolve(name ?? 'receiver.json')
  const isDefault = name === undefined && !existsSync(file)
  if (name === undefined && !isDefault) demandOwn(file)
  const value = isDefault ? { version: 1 } : parseConfigText(file, readConfigText(file))
  return checkedBy(receiverSchema(dirname(file)), isDefault ? 'embedded default' : file, value)
}

export function receiverSchema(directory: string) {
  const file = z
    .string()
    .min(1)
    .max(4096)
    .transform((path) => resolve(directory, path))
  const token = z.string().regex(/^[\w-]{1,100}$/, 'letters, digits, _ and -, at most 100')
  const stream = strict({
    servers: z.array(natsServer).min(1).max(16),
    stream: token,
    durable: token.default('fiskal-receiver'),
    tenants: z.record(token, z.uuid()).default({ shop: ONE_TENANT }),
    credsFile: file.optional(),
    tls: strict({ caFile: file.optional(), certFile: file.optional(), keyFile: file.optional() }).optional(),
  })
  const store = z.discriminatedUnion('kind', [
    strict({ kind: z.literal('sqlite'), file }),
    strict({ kind: z.literal('postgres'), connectionFile: file }),
  ])
  return strict({
    version: z.literal(1),
    listen: strict({
      host: z.string().min(1).max(253).default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(7080),
    }).prefault({}),
    tls: strict({ certFile: file, keyFile: file, clientCaFile: file.optional() }).optional(),
    store: store.prefault({ kind: 'sqlite', file: 'receiver/receiver.db' }),
    blobs: strict({ quotaBytes: z.int().min(1_000_000).default(50_000_000_000) }).prefault({}),
    streams: z.array(stream).max(100).default([]),
    log: strict({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  }).refine(({ listen, tls }) => isLoopback(listen.host) || tls !== undefined, {
    path: ['tls'],
    message: 'required, because "listen.host" is not a loopback address',
  })
}
