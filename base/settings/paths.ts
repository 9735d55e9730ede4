import { resolve } from 'node:path'
import { z } from 'zod'

/** The content of a file that a key of the configuration names: a secret of one line, or one with lines. */
export type Content = 'secret' | 'pem' | 'certificate'

/** The schemas of such keys. Folders, devices and libraries are not included: the agent does not read them. */
export const READ_FILES = z.registry<{ readonly content: Content }>()

/** Schemas of paths; they come out absolute. */
export type Paths = {
  readonly file: z.ZodType<string>
  readonly secret: z.ZodType<string>
  /** A secret with lines: a private key, or the credentials of NATS. */
  readonly pem: z.ZodType<string>
  readonly certificate: z.ZodType<string>
  readonly library: z.ZodType<string>
}

/** Relative ones are resolved against `directory`. */
export function pathsFrom(directory: string): Paths {
  const name = z
    .string()
    .min(1)
    .max(4096)
    // A line break would end the line in the unit file.
    .regex(/^\P{Cc}*$/u, 'a file path')
  const file = () => name.transform((path) => resolve(directory, path))
  return {
    file: file(),
    secret: file().register(READ_FILES, { content: 'secret' }),
    pem: file().register(READ_FILES, { content: 'pem' }),
    certificate: file().register(READ_FILES, { content: 'certificate' }),
    // The system looks up a bare library name in its library folders.
    library: name.transform((path) => (path.includes('/') ? resolve(directory, path) : path)),
  }
}
