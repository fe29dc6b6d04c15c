variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Reaches the nodes of the cluster"
  vpc_id      = var.vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_network_interface" "this" {
  subnet_id       = var.subnet_ids[0]
  security_groups = [aws_security_group.this.id]
}

output "security_group_id" {
  value = aws_security_group.this.id
}
