import { expect, test } from 'vitest'
import { filled } from './fill'

const resource = {
  id: '/subscriptions/1/resourceGroups/rg-books/providers/Microsoft.Storage/storageAccounts/ledger',
  name: 'ledger',
  region: '',
  home: '/subscriptions/1/resourceGroups/rg-books',
}

test('commands are filled with what is known of the resource', () => {
  const check = (command: string, text: string) => expect(filled(command, resource)).toBe(text)
  check('az x --name {name} -g {resourceGroup}', 'az x --name ledger -g rg-books')
  check('az x --ids {id} --region {region}', `az x --ids ${resource.id} --region {region}`)
  check('no gaps', 'no gaps')
})

test('a name cannot become another command', () => {
  expect(filled('aws x {name}', { ...resource, name: "a; rm -rf 'b'" })).toBe(`aws x 'a; rm -rf '\\''b'\\'''`)
})
