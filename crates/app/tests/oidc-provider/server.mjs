// An identity provider for tests: `oidc-provider`, a certified implementation of OpenID Connect, with its own forms for
// signing in. It listens on a free port of this machine and prints its address as one line.
//
// `POST /-/faults` with the name of a fault makes it give tokens that must not be believed, which no honest provider does.

import { createServer } from "node:http";

import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const [origin] = process.argv.slice(2);
const KEY = "first";

async function keyPair(kid, alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const about = { kid, alg, use: "sig" };
  return {
    alg,
    kid,
    privateKey,
    secret: { ...(await exportJWK(privateKey)), ...about },
    open: { ...(await exportJWK(publicKey)), ...about },
  };
}

const own = await keyPair(KEY, "RS256");
const next = await keyPair("second", "ES256");
const stranger = await keyPair(KEY, "RS256");

// What is changed in an identity token, and the key that signs it.
const hour = 3600;
const faults = {
  none: null,
  audience: { key: own, change: (it) => ({ ...it, aud: "somebody-else" }) },
  expired: { key: own, change: (it) => ({ ...it, iat: it.iat - 2 * hour, exp: it.iat - hour }) },
  future: { key: own, change: (it) => ({ ...it, iat: it.iat + hour, exp: it.exp + 2 * hour }) },
  issuer: { key: own, change: (it) => ({ ...it, iss: "https://other.example" }) },
  nonce: { key: own, change: (it) => ({ ...it, nonce: "of another sign-in" }) },
  stranger: { key: stranger, change: (it) => it },
  // No fault: the provider has begun to use another key.
  rotated: { key: next, change: (it) => it },
};
let fault = null;

const people = {
  ada: { name: "Ada Lovelace", preferred_username: "ada", email: "ada@example.org", email_verified: true, groups: ["auditors"] },
  bob: { name: "Bob", preferred_username: "bob", email: "bob@example.org", email_verified: false, groups: [] },
};

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "merlon",
      client_secret: "a secret: with % signs",
      redirect_uris: [`${origin}/api/v1/sign-in/provider/back`],
      post_logout_redirect_uris: [`${origin}/`],
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["a key of the test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  jwks: { keys: [own.secret] },
  pkce: { required: () => true },
});
provider.use(async (ctx, following) => {
  if (ctx.path.startsWith("/-/faults/")) {
    const name = ctx.path.slice("/-/faults/".length);
    fault = faults[name];
    ctx.status = fault === undefined ? 404 : 204;
    return;
  }
  await following();
  if (ctx.path === "/jwks" && fault === faults.rotated) {
    ctx.body = { keys: [own.open, next.open] };
  }
  if (ctx.path === "/token" && fault && ctx.body?.id_token) {
    const claims = fault.change(decodeJwt(ctx.body.id_token));
    const token = new SignJWT(claims).setProtectedHeader({ alg: fault.key.alg, kid: fault.key.kid });
    ctx.body = { ...ctx.body, id_token: await token.sign(fault.key.privateKey) };
  }
});
server.on("request", provider.callback());
console.log(issuer);
// It ends with whoever has started it.
process.stdin.on("end", () => process.exit(0)).resume();
