# Written by platformc; the next build overwrites changes.
stack {
  name = "host-kubernetes"
  id   = "demo-host-kubernetes"
  tags = ["host"]
}
