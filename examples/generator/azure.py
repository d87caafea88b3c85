"""Azure: the production subscription as ARM `value` pages, the corporate one as a Resource Graph page."""

from azure_base import ROLES, Subscription
from azure_data import add_data
from azure_network import add_network
from azure_platform import add_platform
from azure_corporate import corporate
from azure_entra import write_entra


def write_azure(folder):
    prod = Subscription("Larkspur Production", "prod")
    add_network(prod)
    add_data(prod)
    add_platform(prod)
    pages = {}
    for item in prod.items:
        pages.setdefault(page_of(item["type"]), []).append(item)
    for page, items in pages.items():
        folder.json(f"azure/larkspur-production/{page}.json", {"value": items})
    folder.json("azure/larkspur-production/role-definitions.json", {"value": list(ROLES.values()) + [prod.custom_role]})
    corporate(folder)
    write_entra(folder)


def page_of(kind):
    provider, _, rest = kind.partition("/")
    if provider == "Microsoft.Resources":
        return "subscription" if rest == "subscriptions" else "resource-groups"
    if kind.startswith("Microsoft.Insights/diagnosticSettings"):
        return "diagnostic-settings"
    if kind == "Microsoft.Authorization/roleAssignments":
        return "role-assignments"
    return provider.split(".")[1].lower()
