# Written by platformc; the next build overwrites changes.
stack {
  name  = "teams-vclusters"
  id    = "demo-teams-vclusters"
  tags  = ["teams"]
  after = ["/demo/terraform/host-kubernetes"]
}
