import { addressSpaceOf } from './address-space.ts'

/** Older versions of Chromium have one name for both. */
const OLDER_NAME = 'local-network-access'

/**
 * Whether the browser lets this page reach the agent: show what to do if it is not `granted` (docs/browser-tills.md). A
 * browser without the protection has no such permission.
 */
export async function agentPermission(url: string): Promise<PermissionState> {
  const name = addressSpaceOf(url) === 'loopback' ? 'loopback-network' : 'local-network'
  for (const known of [name, OLDER_NAME]) {
    try {
      return (await navigator.permissions.query({ name: known as PermissionName })).state
    } catch {
      // This version does not know the name.
    }
  }
  return 'granted'
}
