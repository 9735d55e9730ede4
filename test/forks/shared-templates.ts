import { join, resolve } from 'node:path'
import daemon from '../../bin/daemon.json' with { type: 'json' }
import { asLaunched } from '../lasting-disk.ts'
import type { Template, TemplateOptions } from './template.ts'
import { startTemplate } from './template.ts'

const TESTS = resolve(import.meta.dirname, '..')
/** The environment of a run's processes has the templates that they share. */
const VARIABLE = 'TEST_TEMPLATES'

function templates() {
  return {
    /** Of `fiskal-edge`. */
    commands: {
      entry: join(TESTS, 'cli', 'command-server.ts'),
      env: { ...asLaunched(), ...daemon.environment },
    },
    /** Of lives of the agent. They last half a second: to compile for speed takes longer (measured). */
    lives: {
      entry: join(TESTS, 'crash', 'life-server.ts'),
      flags: ['--no-opt'],
      env: asLaunched(),
    },
  } satisfies Record<string, TemplateOptions>
}

type Name = keyof ReturnType<typeof templates>

/** For a run of tests: its processes share them. Loading and warming one takes 4 s of CPU time, once it is used. */
export async function startTemplates(): Promise<void> {
  const started = Object.entries(templates()).map(
    async ([name, options]) => [name, await startTemplate(options)] as const,
  )
  process.env[VARIABLE] = JSON.stringify(Object.fromEntries(await Promise.all(started)))
}

/** That of the run; outside of one, this process's own. */
export async function sharedTemplate(name: Name): Promise<Template> {
  const shared = process.env[VARIABLE]
  if (shared === undefined) return await startTemplate(templates()[name])
  return (JSON.parse(shared) as Record<Name, Template>)[name]
}
