// Every page of the portal: its address, what stands in the address beside the path, and where its code is.
// A page is one `createRoute` here and one line in `frame/entries.ts` when it stands in the rail.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router'
import { Root } from './frame/Root'
import { requireSession } from './frame/session'
import { standardSearch } from './pages/compliance/search'
import { checkEditorSearch, contentSearch } from './pages/content/search'
import { exemptionsSearch } from './pages/exemptions/search'
import { resourceSearch } from './pages/inventory/resource-search'
import { attackPathsSearch } from './pages/attack-paths/search'
import { identitiesSearch } from './pages/identities/search'
import { networkSearch } from './pages/network/search'
import { criticalSearch, wizardSearch } from './pages/critical-assets/search'
import { accessSearch } from './pages/access/search'
import { auditSearch } from './pages/audit/search'
import { jobsSearch } from './pages/environments/jobs-search'
import { changesSearch } from './pages/changes/search'
import { inventorySearch } from './pages/inventory/search'
import { NotFoundPage } from './pages/NotFoundPage'
import { detailSearch } from './pages/recommendations/detail-search'
import { recommendationsSearch } from './pages/recommendations/search'
import { scoreSearch } from './pages/score/search'
import { explorerSearch } from './pages/explorer/search'
import { querySearch } from './pages/query/search'
import { ErrorState, Loading } from './ui/states'
import { parseSearch, present, stringifySearch, text } from './util/search'

/** What every address may carry: the scope that all pages are narrowed to. */
const root = createRootRoute({
  validateSearch: (search: Record<string, unknown>): { scope?: string } =>
    present({ scope: text(search.scope) }),
  search: { middlewares: [retainSearchParams(['scope'])] },
  beforeLoad: ({ location }) => requireSession(location.pathname, location.href),
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage'), 'OverviewPage'),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string; error?: string } =>
    present({ to: text(search.to), error: text(search.error) }),
  component: lazyRouteComponent(() => import('./pages/sign-in/SignInPage'), 'SignInPage'),
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: lazyRouteComponent(() => import('./pages/sign-in/SetUpPage'), 'SetUpPage'),
})

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/AccountPage'), 'AccountPage'),
})

const inventory = createRoute({
  getParentRoute: () => root,
  path: '/inventory',
  validateSearch: inventorySearch,
  component: lazyRouteComponent(() => import('./pages/inventory/InventoryPage'), 'InventoryPage'),
})

const resource = createRoute({
  getParentRoute: () => root,
  path: '/inventory/$id',
  validateSearch: resourceSearch,
  component: lazyRouteComponent(() => import('./pages/inventory/ResourcePage'), 'ResourcePage'),
})

const recommendations = createRoute({
  getParentRoute: () => root,
  path: '/recommendations',
  validateSearch: recommendationsSearch,
  component: lazyRouteComponent(
    () => import('./pages/recommendations/RecommendationsPage'),
    'RecommendationsPage',
  ),
})

const recommendation = createRoute({
  getParentRoute: () => root,
  path: '/recommendations/$check',
  validateSearch: detailSearch,
  component: lazyRouteComponent(
    () => import('./pages/recommendations/RecommendationPage'),
    'RecommendationPage',
  ),
})

const attackPaths = createRoute({
  getParentRoute: () => root,
  path: '/attack-paths',
  validateSearch: attackPathsSearch,
  component: lazyRouteComponent(() => import('./pages/attack-paths/AttackPathsPage'), 'AttackPathsPage'),
})

const identities = createRoute({
  getParentRoute: () => root,
  path: '/identities',
  validateSearch: identitiesSearch,
  component: lazyRouteComponent(() => import('./pages/identities/IdentitiesPage'), 'IdentitiesPage'),
})

const network = createRoute({
  getParentRoute: () => root,
  path: '/network',
  validateSearch: networkSearch,
  component: lazyRouteComponent(() => import('./pages/network/NetworkPage'), 'NetworkPage'),
})

const criticalAssets = createRoute({
  getParentRoute: () => root,
  path: '/critical-assets',
  validateSearch: criticalSearch,
  component: lazyRouteComponent(
    () => import('./pages/critical-assets/CriticalAssetsPage'),
    'CriticalAssetsPage',
  ),
})

const criticalWizard = createRoute({
  getParentRoute: () => root,
  path: '/critical-assets/write',
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import('./pages/critical-assets/WizardPage'), 'WizardPage'),
})

const score = createRoute({
  getParentRoute: () => root,
  path: '/score',
  validateSearch: scoreSearch,
  component: lazyRouteComponent(() => import('./pages/score/ScorePage'), 'ScorePage'),
})

const compliance = createRoute({
  getParentRoute: () => root,
  path: '/compliance',
  component: lazyRouteComponent(() => import('./pages/compliance/CompliancePage'), 'CompliancePage'),
})

const standard = createRoute({
  getParentRoute: () => root,
  path: '/compliance/$standard',
  validateSearch: standardSearch,
  component: lazyRouteComponent(() => import('./pages/compliance/StandardPage'), 'StandardPage'),
})

const exemptions = createRoute({
  getParentRoute: () => root,
  path: '/exemptions',
  validateSearch: exemptionsSearch,
  component: lazyRouteComponent(() => import('./pages/exemptions/ExemptionsPage'), 'ExemptionsPage'),
})

const content = createRoute({
  getParentRoute: () => root,
  path: '/content',
  validateSearch: contentSearch,
  component: lazyRouteComponent(() => import('./pages/content/ContentPage'), 'ContentPage'),
})

const check = createRoute({
  getParentRoute: () => root,
  path: '/content/checks/$check',
  component: lazyRouteComponent(() => import('./pages/content/CheckPage'), 'CheckPage'),
})

const checkEditor = createRoute({
  getParentRoute: () => root,
  path: '/content/write',
  validateSearch: checkEditorSearch,
  component: lazyRouteComponent(() => import('./pages/content/EditorPage'), 'EditorPage'),
})

const query = createRoute({
  getParentRoute: () => root,
  path: '/query',
  validateSearch: querySearch,
  component: lazyRouteComponent(() => import('./pages/query/QueryPage'), 'QueryPage'),
})

const explorer = createRoute({
  getParentRoute: () => root,
  path: '/explorer',
  validateSearch: explorerSearch,
  component: lazyRouteComponent(() => import('./pages/explorer/ExplorerPage'), 'ExplorerPage'),
})

const environments = createRoute({
  getParentRoute: () => root,
  path: '/environments',
  component: lazyRouteComponent(() => import('./pages/environments/EnvironmentsPage'), 'EnvironmentsPage'),
})

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import('./pages/environments/JobsPage'), 'JobsPage'),
})

const access = createRoute({
  getParentRoute: () => root,
  path: '/access',
  validateSearch: accessSearch,
  component: lazyRouteComponent(() => import('./pages/access/AccessPage'), 'AccessPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/AuditPage'), 'AuditPage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/SettingsPage'), 'SettingsPage'),
})

const changes = createRoute({
  getParentRoute: () => root,
  path: '/changes',
  validateSearch: changesSearch,
  component: lazyRouteComponent(() => import('./pages/changes/ChangesPage'), 'ChangesPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    changes,
    signIn,
    setUp,
    account,
    inventory,
    resource,
    identities,
    network,
    criticalAssets,
    criticalWizard,
    recommendations,
    recommendation,
    attackPaths,
    score,
    compliance,
    standard,
    exemptions,
    content,
    check,
    checkEditor,
    explorer,
    query,
    environments,
    jobs,
    access,
    audit,
    settings,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadDelay: 60,
  scrollRestoration: true,
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
