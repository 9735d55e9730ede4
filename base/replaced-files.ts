import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * Calls `onReplaced` when a rename puts a file at one of those paths, as copies of secrets and most renewed
 * certificates do; not for a write in place. Returns a function that stops watching. Calls nothing if the system
 * refuses another watch.
 */
export function watchReplaced(files: readonly string[], onReplaced: () => void): () => void {
  const folders = new Set(files.map((file) => dirname(file)))
  const watchers = [...folders].flatMap((folder) => {
    const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)))
    return watchFolder(folder, (name) => names.has(name) && onReplaced())
  })
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}

/**
 * Calls `onRename` with each name that appears or disappears in that folder. Returns no watcher if the system refuses
 * another watch.
 */
export function watchFolder(folder: string, onRename: (name: string) => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      if (event === 'rename' && name !== null) onRename(name)
    })
    return [watcher.on('error', () => watcher.close())]
  } catch {
    return []
  }
}
