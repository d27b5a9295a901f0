"""Flags that several commands share, worded as kubectl's own help, and the global ones."""

from __future__ import annotations

from cluster.kubectl.flags import Flag

GLOBAL = (
    Flag("as", help="Username to impersonate for the operation. User could be a regular user or a service account in "
         "a namespace."),
    Flag("as-group", "array", help="Group to impersonate for the operation, this flag can be repeated to specify "
         "multiple groups."),
    Flag("as-uid", help="UID to impersonate for the operation."),
    Flag("cache-dir", default="/root/.kube/cache", help="Default cache directory"),
    Flag("certificate-authority", help="Path to a cert file for the certificate authority"),
    Flag("client-certificate", help="Path to a client certificate file for TLS"),
    Flag("client-key", help="Path to a client key file for TLS"),
    Flag("cluster", help="The name of the kubeconfig cluster to use"),
    Flag("context", help="The name of the kubeconfig context to use"),
    Flag("disable-compression", "bool", help="If true, opt-out of response compression for all requests to the server"),
    Flag("insecure-skip-tls-verify", "bool", help="If true, the server's certificate will not be checked for "
         "validity. This will make your HTTPS connections insecure"),
    Flag("kubeconfig", help="Path to the kubeconfig file to use for CLI requests."),
    Flag("log-flush-frequency", "duration", 5.0, help="Maximum number of seconds between log flushes"),
    Flag("match-server-version", "bool", help="Require server version to match client version"),
    Flag("namespace", short="n", help="If present, the namespace scope for this CLI request"),
    Flag("password", help="Password for basic authentication to the API server"),
    Flag("profile", default="none", help="Name of profile to capture. One of "
         "(none|cpu|heap|goroutine|threadcreate|block|mutex)"),
    Flag("profile-output", default="profile.pprof", help="Name of the file to write the profile to"),
    Flag("request-timeout", default="0", help="The length of time to wait before giving up on a single server "
         "request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means "
         "don't timeout requests."),
    Flag("server", short="s", help="The address and port of the Kubernetes API server"),
    Flag("tls-server-name", help="Server name to use for server certificate validation. If it is not provided, the "
         "hostname used to contact the server is used"),
    Flag("token", help="Bearer token for authentication to the API server"),
    Flag("user", help="The name of the kubeconfig user to use"),
    Flag("username", help="Username for basic authentication to the API server"),
    Flag("v", "int", 0, short="v", help="number for the log level verbosity"),
    Flag("vmodule", "pattern", "", help="comma-separated list of pattern=N settings for file-filtered logging (only "
                                        "works for the "
         "default text log format)"),
    Flag("warnings-as-errors", "bool", help="Treat warnings received from the server as errors and exit with a "
         "non-zero exit code"),
)


def filename(what: str) -> tuple[Flag, ...]:
    return (
        Flag("filename", "strings", (), f"Filename, directory, or URL to files {what}", "f"),
        Flag("kustomize", help="Process the kustomization directory. This flag can't be used together with -f or -R.",
             short="k"),
        Flag("recursive", "bool", False, "Process the directory used in -f, --filename recursively. Useful when you "
             "want to manage related manifests organized within the same directory.", "R"),
    )


OUTPUT = (
    Flag("output", help="Output format. One of: (json, yaml, name, go-template, go-template-file, template, "
         "templatefile, jsonpath, jsonpath-as-json, jsonpath-file).", short="o"),
    Flag("template", help="Template string or path to template file to use when -o=go-template, -o=go-template-file. "
         "The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview]."),
    Flag("allow-missing-template-keys", "bool", True, "If true, ignore any errors in templates when a field or map "
         "key is missing in the template. Only applies to golang and jsonpath output formats."),
    Flag("show-managed-fields", "bool", False, "If true, keep the managedFields when printing objects in JSON or YAML "
         "format."),
)

DRY_RUN = Flag("dry-run", "string", "none", 'Must be "none", "server", or "client". If client strategy, only print '
               "the object that would be sent, without sending it. If server strategy, submit server-side request "
               "without persisting the resource.", bare="unchanged")

VALIDATE = Flag("validate", "string", "strict", 'Must be one of: strict (or true), warn, ignore (or false). "true" or '
                '"strict" will use a schema to validate the input and fail the request if invalid.', bare="strict")

SELECTOR = Flag("selector", help="Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. "
                "-l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified "
                "label constraints.", short="l")

FIELD_SELECTOR = Flag("field-selector", help="Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. "
                      "--field-selector key1=value1,key2=value2). The server only supports a limited number of field "
                      "queries per type.")

ALL_NAMESPACES = Flag("all-namespaces", "bool", False, "If present, list the requested object(s) across all "
                      "namespaces. Namespace in current context is ignored even if specified with --namespace.", "A")

SAVE_CONFIG = Flag("save-config", "bool", False, "If true, the configuration of current object will be saved in its "
                   "annotation. Otherwise, the annotation will be unchanged. This flag is useful when you want to "
                   "perform kubectl apply on this object in the future.")

CHUNK = Flag("chunk-size", "int", 500, "Return large lists in chunks rather than all at once. Pass 0 to disable. This "
             "flag is beta and may change in the future.")

RECORD = Flag("record", "bool", False, "Record current kubectl command in the resource annotation.",
              deprecated="--record will be removed in the future")

LOCAL = Flag("local", "bool", False, "If true, the command will NOT contact api-server but run locally.")

ALL = Flag("all", "bool", False, "Select all resources in the namespace of the specified resource types")


def field_manager(name: str) -> Flag:
    return Flag("field-manager", "string", name, "Name of the manager used to track field ownership.")
