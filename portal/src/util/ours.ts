/**
 * The address that `to` means on a page of `origin`, whole, when it lies in the portal; else the portal's first page. The browser reads
 * addresses in its own way (it drops tabs and line ends, and takes `\` for `/`): what it makes of one decides, not how it looks.
 */
export function ours(to: string | undefined, origin: string): string {
  if (to === undefined || !URL.canParse(to, origin)) return '/'
  const meant = new URL(to, origin)
  return meant.origin === origin ? meant.href : '/'
}
