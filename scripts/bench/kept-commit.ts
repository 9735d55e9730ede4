import { execFile } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const TREE_BYTES = 256 * 1024 * 1024

/** A tree's functions to start its agent and open its shop: the API and the admin socket are those of that commit. */
export type Tree = {
  name: string
  root: string
  startAgent: typeof import('./processes.ts').startAgent
  openShop: typeof import('./shop.ts').openShop
}

/** Puts the files of `commit` into `folder`, installs its packages, and loads its bench. */
export async function keptTree(commit: string, folder: string): Promise<Tree> {
  const git = { cwd: root, maxBuffer: TREE_BYTES }
  const { stdout } = await run('git', ['rev-parse', '--short', '--verify', `${commit}^{commit}`], git)
  const name = stdout.trim()
  const archive = join(folder, 'commit.tar')
  await run('git', ['archive', '--output', archive, name], git)
  await run('tar', ['-xf', archive, '-C', folder])
  await rm(archive)
  await cp(join(root, 'node_modules'), join(folder, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path !== join(root, 'node_modules', '.cache'),
  })
  // Does nothing if the lockfile is the same.
  await run(process.execPath, [join(folder, 'scripts', 'bootstrap.cjs')], { cwd: folder })
  return loadTree(name, folder)
}

/** A copy of the tracked files as they are now. */
export async function workingTree(folder: string): Promise<Tree> {
  const { stdout } = await run('git', ['stash', 'create'], { cwd: root })
  return { ...(await keptTree(stdout.trim() || 'HEAD', folder)), name: 'this tree' }
}

async function loadTree(name: string, folder: string): Promise<Tree> {
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(folder, 'scripts', 'bench', file)).href)
  const { startAgent } = (await load('processes.ts')) as typeof import('./processes.ts')
  const { openShop } = (await load('shop.ts')) as typeof import('./shop.ts')
  return { name, root: folder, startAgent, openShop }
}
