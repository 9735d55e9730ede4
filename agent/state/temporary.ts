/** PrivateTmp=yes gives each service its own: they are emptied when it stops, or with the machine. */
const TEMPORARY = ['/tmp', '/var/tmp']

/** The temporary folder that a path is, or is in. */
export function temporaryAbove(path: string): string | undefined {
  return TEMPORARY.find((folder) => path === folder || path.startsWith(`${folder}/`))
}

export function emptied(path: string, temporary: string): string {
  return `${path} is in ${temporary}, which is emptied when the service or the machine stops`
}
