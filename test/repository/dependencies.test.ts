import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

type Locked = { integrity?: string; resolved?: string; hasInstallScript?: true }

function read(name: string): string {
  return readFileSync(resolve(import.meta.dirname, '..', '..', name), 'utf8')
}

const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
const installed = Object.entries(packages).filter(([path]) => path !== '')

test('each package matches the lockfile, from any registry', () => {
  expect(installed.length).toBeGreaterThan(300)
  expect(installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

test('an installation runs only the package scripts that are explicitly allowed', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> }
  const scripted = installed.flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.replace(/^.*node_modules\//, '')] : [],
  )
  expect(scripted.filter((name) => !Object.hasOwn(allowScripts, name))).toEqual([])
  // Without it npm runs the scripts of unnamed packages, and reports it afterwards.
  expect(read('.npmrc').split('\n')).toContain('strict-allow-scripts=true')
})
