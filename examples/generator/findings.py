"""Findings of other tools about the estate: a Trivy report of an image, and SARIF from a code scanner."""

from estate import ago, digest


def write_findings(folder):
    folder.json("findings/trivy-depot-tools.json", trivy())
    folder.json("findings/larkspur-portal.sarif", sarif())


def trivy():
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/depot-tools"
    package = [
        ("CVE-2021-44228", "org.apache.logging.log4j:log4j-core", "2.14.1", "2.15.0", "CRITICAL", 10.0, "jar"),
        ("CVE-2022-22965", "org.springframework:spring-beans", "5.3.15", "5.3.18", "CRITICAL", 9.8, "jar"),
        ("CVE-2023-44487", "io.netty:netty-codec-http2", "4.1.94.Final", "4.1.100.Final", "HIGH", 7.5, "jar"),
    ]
    system = [("CVE-2024-3094", "liblzma5", "5.6.0-0.2", "5.6.1+really5.4.5-1", "CRITICAL", 10.0), ("CVE-2023-38545", "curl", "7.88.1-10", "7.88.1-10+deb12u4", "CRITICAL", 9.8), ("CVE-2023-4911", "libc-bin", "2.36-9", "2.36-9+deb12u3", "HIGH", 7.8)]

    def row(identifier, name, installed, fixed, severity, score, path=None):
        return {
            "VulnerabilityID": identifier,
            "PkgName": name,
            **({"PkgPath": f"app/lib/{name.split(':')[1]}-{installed}.jar"} if path else {"PkgID": f"{name}@{installed}"}),
            "InstalledVersion": installed,
            "FixedVersion": fixed,
            "Status": "fixed",
            "Severity": severity,
            "SeveritySource": "nvd",
            "PrimaryURL": f"https://avd.aquasec.com/nvd/{identifier.lower()}",
            "Title": f"{identifier} in {name}",
            "CVSS": {"nvd": {"V3Score": score}},
            "PublishedDate": ago(900, form="%Y-%m-%dT%H:%M:%SZ"),
            "LastModifiedDate": ago(200, form="%Y-%m-%dT%H:%M:%SZ"),
        }

    return {
        "SchemaVersion": 2,
        "CreatedAt": ago(1, form="%Y-%m-%dT%H:%M:%SZ"),
        "ArtifactName": f"{image}:latest",
        "ArtifactType": "container_image",
        "Metadata": {"OS": {"Family": "debian", "Name": "12.1"}, "ImageID": f"sha256:{digest('depot-tools', 64)}", "RepoTags": [f"{image}:latest"], "RepoDigests": [f"{image}@sha256:{digest('depot-tools-repo', 64)}"]},
        "Results": [
            {"Target": f"{image}:latest (debian 12.1)", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [row(*r) for r in system]},
            {"Target": "Java", "Class": "lang-pkgs", "Type": "jar", "Vulnerabilities": [row(*r) for r in package]},
            {"Target": "/app/config/application.properties", "Class": "secret", "Secrets": [{"RuleID": "generic-password", "Category": "general", "Severity": "HIGH", "Title": "Password in a properties file", "StartLine": 12, "EndLine": 12, "Match": "stock.db.password=*****"}]},
        ],
    }


def sarif():
    rules = [
        ("sql-injection", "SQL built from request data", "error", "9.1"),
        ("hardcoded-credential", "Credential in source code", "error", "8.2"),
        ("weak-hash", "Password hashed with MD5", "warning", "5.9"),
    ]
    results = [("sql-injection", "quotes/search.py", 88), ("hardcoded-credential", "edi/client.py", 14), ("weak-hash", "accounts/legacy.py", 203), ("sql-injection", "tracking/history.py", 41)]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "example-code-scanner", "version": "3.2.0", "informationUri": "https://scanner.example", "rules": [{"id": i, "name": i, "shortDescription": {"text": t}, "defaultConfiguration": {"level": level}, "properties": {"security-severity": score, "tags": ["security"]}} for i, t, level, score in rules]}},
                "versionControlProvenance": [{"repositoryUri": "https://git.larkspurfreight.example/portal", "revisionId": digest("revision", 40), "branch": "main"}],
                "results": [
                    {
                        "ruleId": rule,
                        "ruleIndex": [r[0] for r in rules].index(rule),
                        "level": next(r[2] for r in rules if r[0] == rule),
                        "message": {"text": next(r[1] for r in rules if r[0] == rule)},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": f"src/{path}", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": line}}}],
                        "partialFingerprints": {"primaryLocationLineHash": digest(f"{path}{line}", 16)},
                    }
                    for rule, path, line in results
                ],
            }
        ],
    }
