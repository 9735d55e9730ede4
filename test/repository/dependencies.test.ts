import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

type Locked = { integrity?: string; resolved?: string; hasInstallScript?: true }

const PROJECTS = ['.', 'clients/generators'] as const

function read(project: string, name: string): string {
  return readFileSync(resolve(import.meta.dirname, '..', '..', project, name), 'utf8')
}

function installedBy(project: string): [string, Locked][] {
  const { packages } = JSON.parse(read(project, 'package-lock.json')) as { packages: Record<string, Locked> }
  return Object.entries(packages).filter(([path]) => path !== '')
}

test.each(PROJECTS)('each package matches the lockfile, from any registry: %s', (project) => {
  const installed = installedBy(project)
  expect(installed.length).toBeGreaterThan(300)
  expect(installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

test.each(PROJECTS)('an installation runs only the package scripts that are explicitly allowed: %s', (project) => {
  const { allowScripts } = JSON.parse(read(project, 'package.json')) as { allowScripts: Record<string, boolean> }
  const scripted = installedBy(project).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.replace(/^.*node_modules\//, '')] : [],
  )
  expect(scripted.filter((name) => !Object.hasOwn(allowScripts, name))).toEqual([])
  // Without it npm runs the scripts of unnamed packages, and reports it afterwards.
  expect(read(project, '.npmrc').split('\n')).toContain('strict-allow-scripts=true')
})

test('linters and generators have exact versions', () => {
  const { dependencies } = JSON.parse(read('clients/generators', 'package.json')) as {
    dependencies: Record<string, string>
  }
  expect(Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})
