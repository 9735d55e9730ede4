/** The one line of TR-03151 v1.0.1: description, manufacturer, version. */
export function infoCsv(info: { description: string; manufacturer: string; version: string }): string {
  const pairs = [
    ['description:', info.description],
    ['manufacturer:', info.manufacturer],
    ['version:', info.version],
  ]
  return `${pairs.flat().map(quoted).join(',')}\n`
}

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`
}
